namespace PruneBuild.Compression.Quantization;

/// <summary>Ranges that cut a tensor's values off at a magnitude, the widest first.</summary>
internal static class ClipCandidates
{
    private const int Most = 256;

    /// <summary>Bins of the magnitudes at which values may be cut off; the first cuts nothing.</summary>
    /// <param name="histogram">The values.</param>
    /// <param name="least">Bins that are kept at least.</param>
    public static IEnumerable<int> Magnitudes(ActivationHistogram histogram, int least)
    {
        var reach = Math.Max(histogram.High, -(double)histogram.Low);
        var top = Math.Clamp((int)Math.Ceiling(reach / histogram.BinWidth), 1, ActivationHistogram.Side);
        var step = Math.Max(1, top / Most);
        for (var bins = top; bins >= Math.Min(least, top); bins -= step)
            yield return bins;
    }

    /// <summary>The range that stays of a histogram's when magnitudes end at a number of bins.</summary>
    public static (float Low, float High) Range(ActivationHistogram histogram, int bins)
    {
        var edge = (float)(bins * histogram.BinWidth);
        return (Math.Max(histogram.Low, -edge), Math.Min(histogram.High, edge));
    }
}
