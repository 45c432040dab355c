using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Criteria;

/// <summary>Squared magnitude: the sum over a block is its squared L2 norm (Han et al. 2015, "Learning both Weights and Connections").</summary>
public sealed class Magnitude : ScoreCriterion
{
    /// <inheritdoc/>
    public override string Name => "magnitude";

    /// <inheritdoc/>
    public override bool NeedsStatistics => false;

    /// <inheritdoc/>
    public override void Score(ReadOnlySpan<float> weights, int inputs, InputStatistics? statistics, Span<float> scores)
    {
        for (var index = 0; index < weights.Length; index++)
            scores[index] = weights[index] * weights[index];
    }
}
