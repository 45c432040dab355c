using PruneBuild.Evaluation.Performance;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>A percentile of measured numbers by nearest rank, in their unit. A small sample's p99 is its largest number.</summary>
/// <param name="name">The name in files and reports: <c>p99</c>.</param>
/// <param name="permille">1 to 1000: 990 for p99.</param>
public sealed class Percentile(string name, int permille) : SampleScorer<double>(name, ScoreRange.Any, ScoreDirection.Lower)
{
    /// <summary>What of a text is timed: its first token, or those after it; null for whole inferences.</summary>
    public Func<ModelFigures, double[]>? Part { get; init; }

    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<double> cases) => Measurements.Prepare(cases, drawn => NearestRank.Of(drawn, permille));
}
