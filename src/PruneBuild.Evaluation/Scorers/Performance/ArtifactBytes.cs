namespace PruneBuild.Evaluation.Scorers;

/// <summary>The bytes of an artifact: the sum over its files.</summary>
public sealed class ArtifactBytes() : SampleScorer<double>("bytes", ScoreRange.NonNegative, ScoreDirection.Lower)
{
    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<double> cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        return cases.Any(bytes => bytes < 0)
            ? PreparedSample.NotMeasured(cases.Count, "a size is below 0")
            : Measurements.Prepare(cases, drawn => drawn.Sum());
    }
}
