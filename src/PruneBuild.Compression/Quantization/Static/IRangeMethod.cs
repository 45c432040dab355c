namespace PruneBuild.Compression.Quantization;

/// <summary>Chooses the range of a tensor's levels from the values that calibration saw; what lies outside saturates.</summary>
public interface IRangeMethod
{
    /// <summary>The name a recipe uses.</summary>
    string Name { get; }

    /// <summary>The range.</summary>
    /// <param name="histogram">Of at least one value, all finite.</param>
    /// <param name="options">What else decides it.</param>
    /// <returns>A range that holds zero, no wider than that of the values.</returns>
    (float Low, float High) Choose(ActivationHistogram histogram, RangeOptions options);
}

/// <summary>What decides a range beside the values.</summary>
/// <param name="IsSymmetric">As of <see cref="ActivationParameters.Of"/>.</param>
/// <param name="Percentile">Percent of the values that a percentile keeps, more than 50 to 100.</param>
public sealed record RangeOptions(bool IsSymmetric = false, double Percentile = 99.99);
