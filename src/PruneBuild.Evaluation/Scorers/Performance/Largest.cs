namespace PruneBuild.Evaluation.Scorers;

/// <summary>The largest of measured numbers, in their unit: peak memory.</summary>
public sealed class Largest() : SampleScorer<double>("max", ScoreRange.Any, ScoreDirection.Lower)
{
    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<double> cases) => Measurements.Prepare(cases, drawn => drawn.Max());
}
