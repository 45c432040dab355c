using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Quantization;
using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline;

/// <summary>
/// Chooses the levels of the layers that got a sparse int4 kernel. Who shares a scale is the format's own, so they cannot be chosen before
/// the kernel is.
/// </summary>
/// <param name="kept">Packed weights whose levels pruning has chosen, by the name of the stored weight.</param>
/// <param name="statistics">Of the model that is lowered; null where neither levels nor biases look at them.</param>
/// <param name="options">Which of the two do, and threads.</param>
/// <param name="cancellation">Observed between columns.</param>
internal sealed class SparseLevels(
    IReadOnlyDictionary<string, byte[]> kept, CalibrationStatistics? statistics, GroupQuantizeOptions options, CancellationToken cancellation)
{
    /// <summary>As <see cref="LoweringOptions.Pack"/>.</summary>
    public PackedLayer? Pack(WeightSite site, PackedFormat format, WeightMatrix weights)
    {
        if (format.Precision != WeightPrecision.FourBit || weights.Singles is not { } matrix)
            return null;
        if (kept.TryGetValue(site.StoredName, out var packed) && StandsFor(packed, format, matrix))
            return new PackedLayer(packed, "levels chosen while pruning");
        if (statistics is null)
            return null;
        var known = statistics.For(site);
        if (known.Fit is not [var fit] || known.HoldOut is not [var holdOut])
            return new PackedLayer(format.Pack(weights), $"nearest levels: {known.Reason ?? "the layer was not calibrated"}");
        var runs = format.Runs(weights);
        var chosen = options.Method.NeedsStatistics
            ? RunGptq.Quantize(matrix, runs, InputStatistics.Merged([fit, holdOut]), options.BiasCorrection, options.Threads, cancellation)
            : new RunQuantized(WeightLevels.Nearest(matrix, runs), null);
        return new PackedLayer(format.Pack(chosen.Levels), chosen.Reason ?? (options.Method.NeedsStatistics ? "levels by gptq" : "nearest levels"))
        {
            BiasShift = options.BiasCorrection ? BiasCorrection.MeanShift(known, matrix, chosen.Levels.ToSingles()) : null,
        };
    }

    /// <summary>What came after pruning may have changed the weights, and the target may have chosen another kernel.</summary>
    private static bool StandsFor(byte[] packed, PackedFormat format, float[] matrix) =>
        PackedWeights.Read(packed).Format == format && format.Unpack(packed).ToSingles().AsSpan().SequenceEqual(matrix);
}
