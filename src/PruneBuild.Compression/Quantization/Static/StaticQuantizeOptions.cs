namespace PruneBuild.Compression.Quantization;

/// <summary>How to quantize weights and activations together.</summary>
public sealed record StaticQuantizeOptions
{
    /// <summary>How weights are quantized.</summary>
    public QuantizeOptions Weights { get; init; } = new();

    /// <summary>How ranges of activations are chosen.</summary>
    public IRangeMethod Method { get; init; } = new MinMaxRange();

    /// <summary>What decides them further.</summary>
    public RangeOptions Ranges { get; init; } = new();

    /// <summary>α of SmoothQuant (Xiao et al. 2023), or null without.</summary>
    public double? Smooth { get; init; }

    /// <summary>Whether biases take back what rounding the weights shifts.</summary>
    public bool BiasCorrection { get; init; }

    /// <summary>Threads of ONNX Runtime; the result is the same for any.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Folder for activations on disk.</summary>
    public string ScratchFolder { get; init; } = Path.GetTempPath();
}
