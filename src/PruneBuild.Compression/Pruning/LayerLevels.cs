using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Quantization;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Compression.Pruning;

/// <summary>
/// Rounds a pruned and recovered layer to the levels of a packed format before the next layer is looked at, which then makes up for what
/// rounding cost as well. A bias, where recovery adds one, takes up the mean of the rounding error.
/// </summary>
internal static class LayerLevels
{
    /// <summary>Rounds a weight and what its sites made of it.</summary>
    /// <param name="dense">What the layer is compared with, [outputs, inputs].</param>
    /// <param name="pruned">The pruned weight.</param>
    /// <param name="site">The first site that uses it.</param>
    /// <param name="known">The inputs of every site; those of the first are known.</param>
    /// <param name="recovered">What recovery made of it at every site.</param>
    /// <param name="options">The format, recovery and threads.</param>
    /// <param name="cancellation">Observed between columns.</param>
    public static (PrunedLayer Pruned, List<RecoveredLayer?> Recovered) Round(
        float[] dense, PrunedLayer pruned, WeightSite site, IReadOnlyList<SiteStatistics> known, List<RecoveredLayer?> recovered, PruneOptions options,
        CancellationToken cancellation)
    {
        var format = options.Levels!;
        var weights = recovered[0]?.Weights ?? pruned.Weights;
        var addsBias = options.Recovery != RecoveryMethod.None;
        var runs = format.Runs(WeightMatrix.FromSingles(weights, site.Outputs, site.Inputs));
        var chosen = RunGptq.Quantize(weights, runs, Whole(known[0]), addsBias, options.Threads, cancellation);
        var near = chosen.Levels.ToSingles();
        var rounded = recovered.Select((layer, index) => layer is null ? null : Rounded(dense, layer, near, known[index], addsBias, options)).ToList();
        return (pruned with { Weights = near, Packed = format.Pack(chosen.Levels), Reason = pruned.Reason ?? chosen.Reason }, rounded);
    }

    private static RecoveredLayer Rounded(float[] dense, RecoveredLayer layer, float[] near, SiteStatistics known, bool addsBias, PruneOptions options)
    {
        var bias = layer.Bias;
        if (addsBias)
        {
            var shift = BiasRecovery.Fit(layer.Weights, near, Whole(known).Mean());
            bias = bias.Length == 0 ? shift : [.. bias.Zip(shift, (first, second) => first + second)];
        }
        var judge = known.HoldOut[0].Count > 0 ? known.HoldOut[0] : known.Fit[0];
        return layer with { Weights = near, Bias = bias, ErrorRecovered = OutputError.Relative(dense, near, bias, judge, options.Threads) };
    }

    private static InputStatistics Whole(SiteStatistics known) => InputStatistics.Merged([known.Fit[0], known.HoldOut[0]]);
}
