using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Compression.Quantization;

/// <summary>GPTQ for int8 weights with one scale an output, dense or pruned: <see cref="RunGptq"/> with one run an output.</summary>
internal static class Int8Gptq
{
    /// <summary>Quantizes the weight of a site; the channel groups of a convolution see different inputs and are quantized apart.</summary>
    /// <param name="site">The layer.</param>
    /// <param name="matrix">Its weight, [outputs, inputs].</param>
    /// <param name="known">Its inputs.</param>
    /// <param name="limit">The highest level.</param>
    /// <param name="biasFollows">Whether a bias will take up the mean of the error.</param>
    /// <param name="threads">Most threads to use.</param>
    /// <param name="cancellation">Observed between columns.</param>
    /// <returns>The weights, and why levels are the nearest ones, or null.</returns>
    public static (Int8Weights Weights, string? Reason) Quantize(
        WeightSite site, float[] matrix, SiteStatistics known, int limit, bool biasFollows, int threads, CancellationToken cancellation)
    {
        var rows = site.Outputs / site.Groups;
        var (levels, scales) = (new sbyte[matrix.Length], new float[site.Outputs]);
        var reason = known.Reason;
        for (var group = 0; group < site.Groups; group++)
        {
            var first = group * rows * site.Inputs;
            var part = matrix.AsMemory(first, rows * site.Inputs);
            var runs = ScaleRuns.OnePerOutput(WeightMatrix.FromSingles(part.ToArray(), rows, site.Inputs)) with { Lowest = -limit, Highest = limit };
            var chosen = known.Reason is not null
                ? new RunQuantized(WeightLevels.Nearest(part.Span, runs), null)
                : RunGptq.Quantize(part, runs, InputStatistics.Merged([known.Fit[group], known.HoldOut[group]]), biasFollows, threads, cancellation);
            chosen.Levels.Levels.CopyTo(levels, first);
            chosen.Levels.Scales.Outputs.CopyTo(scales, group * rows);
            reason ??= chosen.Reason;
        }
        var near = new float[matrix.Length];
        for (var at = 0; at < near.Length; at++)
            near[at] = levels[at] * scales[at / site.Inputs];
        return (new Int8Weights(site.ToStored<sbyte>(levels), scales, QuantizationNoise.SignalToNoise(matrix, near)), reason);
    }
}
