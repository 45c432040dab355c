namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// Matthews' correlation coefficient for any number of classes, R_K of J. Gorodkin, "Comparing two K-category assignments by a
/// K-category correlation coefficient", Computational Biology and Chemistry 28 (2004) 367-374. A model that always gives the same
/// answer has 0, its limit; a sample with one label has none.
/// </summary>
public sealed class MatthewsCorrelation() : SampleScorer<ClassificationCase>("mcc", ScoreRange.Correlation, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<ClassificationCase> cases) => ClassCounts.Prepare(cases, (counts, _) => Of(counts));

    private static Score Of(ClassCounts counts)
    {
        if (counts.DistinctLabels < 2) return Score.NotMeasured("every case has the same label");
        double n = counts.Cases, right = counts.Right.Sum(), product = 0, labels = 0;
        // Cases without an answer are one more kind of answer.
        var answers = (double)counts.Unanswered * counts.Unanswered;
        for (var i = 0; i < counts.Labelled.Length; i++)
        {
            product += (double)counts.Labelled[i] * counts.Answered[i];
            labels += (double)counts.Labelled[i] * counts.Labelled[i];
            answers += (double)counts.Answered[i] * counts.Answered[i];
        }
        var spread = ((n * n) - answers) * ((n * n) - labels);
        return Score.Of(spread > 0 ? ((right * n) - product) / Math.Sqrt(spread) : 0);
    }
}
