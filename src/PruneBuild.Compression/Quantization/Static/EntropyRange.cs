namespace PruneBuild.Compression.Quantization;

/// <summary>
/// The range whose levels lose the least information: the Kullback-Leibler divergence of the values, those outside counted at the ends, from what is left
/// of those inside when the bins of one level become equal (Migacz 2017, "8-bit Inference with TensorRT"; the histogram calibration of ONNX Runtime).
/// </summary>
public sealed class EntropyRange : IRangeMethod
{
    private const int Levels = 256;

    // A bin that only saturated values fill has no share in the levels; the divergence must stay finite.
    private const double Smallest = 1e-9;

    /// <inheritdoc/>
    public string Name => "entropy";

    /// <inheritdoc/>
    public (float Low, float High) Choose(ActivationHistogram histogram, RangeOptions options)
    {
        var (best, least) = ((histogram.Low, histogram.High), double.PositiveInfinity);
        var isOneSided = histogram.Low == 0 || histogram.High == 0;
        foreach (var magnitude in ClipCandidates.Magnitudes(histogram, isOneSided ? Levels : Levels / 2))
        {
            var range = ClipCandidates.Range(histogram, magnitude);
            var isCentered = options.IsSymmetric && range.Low < 0;
            var below = isCentered ? magnitude : Extent(-range.Low, histogram.BinWidth);
            var above = isCentered ? magnitude : Extent(range.High, histogram.BinWidth);
            var divergence = Divergence(histogram.Bins, ActivationHistogram.Side - below, ActivationHistogram.Side + above);
            if (divergence < least)
                (best, least) = (range, divergence);
        }
        return best;
    }

    private static int Extent(double reach, double width) => Math.Clamp((int)Math.Ceiling(reach / width), 0, ActivationHistogram.Side);

    private static double Divergence(ReadOnlySpan<long> bins, int first, int end)
    {
        var kept = bins[first..end];
        long inside = 0, before = 0, after = 0;
        foreach (var count in kept)
            inside += count;
        foreach (var count in bins[..first])
            before += count;
        foreach (var count in bins[end..])
            after += count;
        if (inside == 0)
            return double.PositiveInfinity;

        var total = (double)inside + before + after;
        var perLevel = Math.Max(1.0, (double)kept.Length / Levels);
        double divergence = 0;
        for (var level = 0; level < Levels; level++)
        {
            var (from, to) = ((int)Math.Round(level * perLevel), Math.Min(kept.Length, (int)Math.Round((level + 1) * perLevel)));
            long sum = 0;
            var filled = 0;
            for (var bin = from; bin < to; bin++)
            {
                sum += kept[bin];
                filled += kept[bin] > 0 ? 1 : 0;
            }
            for (var bin = from; bin < to; bin++)
            {
                var p = (kept[bin] + (bin == 0 ? before : 0) + (bin == kept.Length - 1 ? after : 0)) / total;
                var q = kept[bin] > 0 ? sum / (double)filled / inside : Smallest;
                if (p > 0)
                    divergence += p * Math.Log(p / q);
            }
        }
        return divergence;
    }
}
