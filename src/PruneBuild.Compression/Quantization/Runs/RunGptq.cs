using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Statistics;
using PruneBuild.Runtime;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// GPTQ (Frantar et al. 2023) for what a packed sparse format stores: the scales are those that its runs have, from the weights as they
/// came; zeros stay exactly zero; every level is the loop's own, so nothing is rounded again when it is packed.
/// </summary>
public static class RunGptq
{
    /// <summary>Chooses the levels of a weight.</summary>
    /// <param name="weights">W, [outputs, inputs] row-major, finite.</param>
    /// <param name="runs">From <see cref="PackedFormat.Runs"/> of the same weights.</param>
    /// <param name="statistics">Of the layer's input.</param>
    /// <param name="biasFollows">Whether a bias will take up the mean of the error.</param>
    /// <param name="threads">Most threads to use; the result is the same for any.</param>
    /// <param name="cancellation">Observed between columns.</param>
    /// <exception cref="ArgumentException">Weights, runs and statistics do not fit each other.</exception>
    /// <exception cref="Diagnostics.PruneBuildException">PB0012, PB0013: libtorch does not load.</exception>
    public static RunQuantized Quantize(
        ReadOnlyMemory<float> weights, ScaleRuns runs, InputStatistics statistics, bool biasFollows = false, int threads = 1,
        CancellationToken cancellation = default)
    {
        if (weights.Length != runs.Of.Length)
            throw new ArgumentException($"{weights.Length} weights for runs of {runs.Outputs} x {runs.Inputs}.", nameof(weights));
        var levels = new RunLevels(runs, runs.Cover(weights.Span));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads), CancellationToken = cancellation };
        return LevelElimination.Run(weights, runs.Outputs, runs.Inputs, LayerHessian.Of(statistics, runs.Inputs, biasFollows), levels, parallel)
            ? new RunQuantized(levels.Levels, null)
            : new RunQuantized(WeightLevels.Nearest(weights.Span, runs), Gptq.NotFactored);
    }
}

/// <summary>Levels for a packed format.</summary>
/// <param name="Levels">What to pack.</param>
/// <param name="Reason">Why another method was used than the one asked for, or null.</param>
public sealed record RunQuantized(WeightLevels Levels, string? Reason);
