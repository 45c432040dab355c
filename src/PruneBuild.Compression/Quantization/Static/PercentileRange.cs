namespace PruneBuild.Compression.Quantization;

/// <summary>
/// All but the outermost values. Where both signs occur, half of what is cut is cut at each end, else all of it at the end away from zero.
/// </summary>
public sealed class PercentileRange : IRangeMethod
{
    /// <inheritdoc/>
    public string Name => "percentile";

    /// <inheritdoc/>
    public (float Low, float High) Choose(ActivationHistogram histogram, RangeOptions options)
    {
        var ends = histogram is { Low: < 0, High: > 0 } ? 2 : 1;
        var cut = (long)(histogram.Count * (100 - options.Percentile) / 100 / ends);
        var (low, high) = ((float)-Edge(histogram, cut, -1), (float)Edge(histogram, cut, 1));
        // Fewer values differ from zero than may be cut.
        return low == 0 && high == 0 ? (histogram.Low, histogram.High) : (low, high);
    }

    /// <summary>The magnitude beyond which at most so many values lie on one side, to the outer edge of a bin.</summary>
    private static double Edge(ActivationHistogram histogram, long cut, int sign)
    {
        var bins = histogram.Bins;
        long beyond = 0;
        for (var bin = ActivationHistogram.Side - 1; bin >= 0; bin--)
        {
            beyond += bins[sign > 0 ? ActivationHistogram.Side + bin : ActivationHistogram.Side - 1 - bin];
            if (beyond > cut)
                return Math.Min((bin + 1) * histogram.BinWidth, sign > 0 ? histogram.High : -(double)histogram.Low);
        }
        return 0;
    }
}
