namespace PruneBuild.Compression.Quantization;

/// <summary>Everything that was seen.</summary>
public sealed class MinMaxRange : IRangeMethod
{
    /// <inheritdoc/>
    public string Name => "min-max";

    /// <inheritdoc/>
    public (float Low, float High) Choose(ActivationHistogram histogram, RangeOptions options) => (histogram.Low, histogram.High);
}
