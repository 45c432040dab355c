using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Criteria;

/// <summary>
/// |w| times the root mean square of its input (Sun et al. 2024, "A Simple and Effective Pruning Approach for Large Language
/// Models"), squared so that the sum over a block is the block's expected output energy, inputs taken as uncorrelated.
/// </summary>
public sealed class Wanda : ScoreCriterion
{
    /// <inheritdoc/>
    public override string Name => "wanda";

    /// <inheritdoc/>
    public override bool NeedsStatistics => true;

    /// <inheritdoc/>
    public override void Score(ReadOnlySpan<float> weights, int inputs, InputStatistics? statistics, Span<float> scores)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        var energy = new float[inputs];
        for (var input = 0; input < inputs; input++)
            energy[input] = (float)(statistics.Gram(input, input) / Math.Max(1, statistics.Count));
        for (var index = 0; index < weights.Length; index++)
            scores[index] = weights[index] * weights[index] * energy[index % inputs];
    }
}
