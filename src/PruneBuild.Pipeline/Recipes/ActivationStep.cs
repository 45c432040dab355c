namespace PruneBuild.Pipeline;

/// <summary>How the activations of layers with int8 weights become bytes.</summary>
/// <param name="IsStatic">Whether their ranges are fixed by calibration; each run finds them anew otherwise.</param>
public sealed record ActivationStep(bool IsStatic)
{
    /// <summary>How ranges are chosen: min-max, percentile, entropy or mse.</summary>
    public string Calibrate { get; init; } = DefaultMethod;

    /// <summary>Percent of the values that a percentile keeps.</summary>
    public double Percentile { get; init; } = DefaultPercentile;

    /// <summary>Whether the zero point is the middle of the levels, or 0 where nothing is negative.</summary>
    public bool IsSymmetric { get; init; }

    /// <summary>Strength of SmoothQuant, or null without.</summary>
    public double? Smooth { get; init; }

    internal const string DefaultMethod = "min-max";

    internal const double DefaultPercentile = 99.99;
}
