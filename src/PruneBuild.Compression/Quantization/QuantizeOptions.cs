using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Quantization;

/// <summary>How to quantize a model.</summary>
public sealed record QuantizeOptions
{
    /// <summary>8, or 7 for targets whose int8 products saturate.</summary>
    public int Bits { get; init; } = 8;

    /// <summary>Whether all outputs of a weight share one scale.</summary>
    public bool PerTensor { get; init; }

    /// <summary>By weight, what the scale of each output is at least, [outputs]; weights that are not named have none.</summary>
    public IReadOnlyDictionary<string, float[]> LeastScales { get; init; } = new Dictionary<string, float[]>();

    /// <summary>Of the model as it is: rounding errors are made up for (<see cref="RunGptq"/>). Null for the nearest levels.</summary>
    public CalibrationStatistics? Statistics { get; init; }

    /// <summary>
    /// Of the model as it is: biases take back what rounding takes from the mean output of layers that have a bias or an operand for one. Null to leave
    /// biases alone.
    /// </summary>
    public CalibrationStatistics? BiasStatistics { get; init; }

    /// <summary>Most threads to use; the result is the same for any.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Layers or weights to leave as they are: names, or globs with * and ?.</summary>
    public IReadOnlyList<string> Skip { get; init; } = [];

    /// <summary>Which layers to quantize of those that are not skipped; null for all.</summary>
    public Predicate<WeightSite>? Only { get; init; }
}

/// <summary>What happened to one layer's weight.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Op">MatMul, Gemm or Conv.</param>
/// <param name="Outputs">Rows of its weight.</param>
/// <param name="Inputs">Columns of its weight.</param>
/// <param name="Bits">8 or 7; 32 when the weight was left alone.</param>
/// <param name="SignalToNoise">Σw² / Σ(w − ŵ)² in decibels; null when nothing was lost or quantized.</param>
/// <param name="Reason">Why the weight was left alone or rounded in another way than asked, or null.</param>
public sealed record QuantizeReport(string Name, string Op, int Outputs, int Inputs, int Bits, double? SignalToNoise, string? Reason);
