namespace PruneBuild.Evaluation.Scorers;

/// <summary>How the F1 of several classes becomes one number.</summary>
public enum F1Average
{
    /// <summary>The mean over the classes that occur as label or answer.</summary>
    Macro,

    /// <summary>From the sums over all classes; it equals the accuracy when every case has an answer.</summary>
    Micro,

    /// <summary>The mean weighted by how often a class is the label.</summary>
    Weighted,
}

/// <summary>
/// F1, the harmonic mean of precision and recall, over all classes, as in scikit-learn's <c>f1_score</c> with <c>zero_division=0</c>.
/// A case without an answer counts as missed and as no false alarm.
/// </summary>
/// <param name="average">How classes are put together.</param>
public sealed class F1Score(F1Average average)
    : SampleScorer<ClassificationCase>($"f1.{average.ToString().ToLowerInvariant()}", ScoreRange.Unit, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<ClassificationCase> cases) => ClassCounts.Prepare(cases, (counts, _) => Score.Of(average switch
    {
        F1Average.Micro => 2.0 * counts.Right.Sum() / (counts.Labelled.Sum() + counts.Answered.Sum()),
        F1Average.Weighted => counts.Labelled.Select((labelled, index) => labelled * (counts.F1(index) ?? 0)).Sum() / counts.Cases,
        _ => counts.Labelled.Select((_, index) => counts.F1(index)).OfType<double>().Average(),
    }));
}
