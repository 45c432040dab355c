namespace PruneBuild.Evaluation.Scorers;

/// <summary>The mean recall of the classes that occur as label (scikit-learn's <c>balanced_accuracy_score</c>).</summary>
public sealed class BalancedAccuracy() : SampleScorer<ClassificationCase>("balanced_accuracy", ScoreRange.Unit, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<ClassificationCase> cases) => ClassCounts.Prepare(cases, (counts, _) =>
        Score.Of(counts.Labelled.Zip(counts.Right).Where(row => row.First > 0).Average(row => (double)row.Second / row.First)));
}
