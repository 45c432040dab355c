namespace PruneBuild.Compression.Quantization;

/// <summary>
/// The range at which rounding and saturation together cost the least squared error: step² / 12 for every value inside (zeros are exact), and the
/// squared distance to the end for every value outside (Banner et al. 2019, "Post training 4-bit quantization", section 3, on the histogram instead of a
/// distribution).
/// </summary>
public sealed class MeanSquaredErrorRange : IRangeMethod
{
    private const int LeastBins = 64;

    /// <inheritdoc/>
    public string Name => "mse";

    /// <inheritdoc/>
    public (float Low, float High) Choose(ActivationHistogram histogram, RangeOptions options)
    {
        var (best, least) = ((histogram.Low, histogram.High), double.PositiveInfinity);
        foreach (var magnitude in ClipCandidates.Magnitudes(histogram, LeastBins))
        {
            var range = ClipCandidates.Range(histogram, magnitude);
            var error = Error(histogram, magnitude, ActivationParameters.Of(range.Low, range.High, options.IsSymmetric).Scale);
            if (error < least)
                (best, least) = (range, error);
        }
        return best;
    }

    private static double Error(ActivationHistogram histogram, int magnitude, double step)
    {
        var bins = histogram.Bins;
        var width = histogram.BinWidth;
        double outside = 0;
        long beyond = 0;
        for (var bin = magnitude; bin < ActivationHistogram.Side; bin++)
        {
            var count = bins[ActivationHistogram.Side + bin] + bins[ActivationHistogram.Side - 1 - bin];
            var distance = (bin + 0.5 - magnitude) * width;
            outside += count * distance * distance;
            beyond += count;
        }
        return outside + ((histogram.Count - histogram.Zeros - beyond) * step * step / 12);
    }
}
