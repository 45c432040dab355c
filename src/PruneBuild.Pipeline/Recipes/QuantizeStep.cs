using PruneBuild.Compression.Quantization;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>The quantization step.</summary>
/// <param name="Precision">int8 or int4.</param>
public sealed record QuantizeStep(string Precision)
{
    internal const string Float = "float";
    internal const string Half = "fp16";

    private const int DefaultGroup = 32;

    /// <summary>Layers that stay float.</summary>
    public IReadOnlyList<LayerName> Skip { get; init; } = [];

    /// <summary>Whether int8 levels make up for what rounding loses (gptq); those of int4 are chosen as <see cref="Groups"/> says.</summary>
    public bool Compensates { get; init; }

    /// <summary>How weights share scales in groups; null for int8 with one scale for each output.</summary>
    public GroupStep? Groups { get; init; }

    /// <summary>How activations become bytes; null where only kernels decide it.</summary>
    public ActivationStep? Activations { get; init; }

    /// <summary>Bits of int8 weights, 8 or 7; null for what the target multiplies without saturating, 8 where activations are float.</summary>
    public int? WeightBits { get; init; }

    /// <summary>Whether biases take back what rounding the weights shifts.</summary>
    public bool BiasCorrection { get; init; }

    /// <summary>float, int8 or int4: how the rows of embeddings are stored.</summary>
    public string Embeddings { get; init; } = Float;

    /// <summary>float or fp16: how the weights of layers that stay float are stored, where the device computes with float16.</summary>
    public string Store { get; init; } = Float;

    /// <summary>Whether batch normalization is folded into the weights first.</summary>
    internal bool FoldsBatchNorm => Groups is not null || Activations is { IsStatic: true } or { Smooth: not null };

    /// <summary>Every layer that is named.</summary>
    internal IEnumerable<LayerName> NamedLayers => Skip.Concat(Groups?.EightBit ?? []);

    /// <summary>Bits and groups of embeddings; null where they stay float.</summary>
    internal GroupFormat? EmbeddingFormat => Embeddings == Float
        ? null : new GroupFormat(Embeddings == "int4" ? 4 : 8, Groups?.Size ?? DefaultGroup, Groups?.IsSymmetric ?? true);
}

/// <summary>How weights of few bits share scales, and how their levels are chosen.</summary>
public sealed record GroupStep
{
    /// <summary>4 or 8.</summary>
    public int Bits { get; init; } = 4;

    /// <summary>One of <see cref="GroupQuantizers.Names"/>.</summary>
    public string Method { get; init; } = "rtn";

    /// <summary>Where the recipe asks that the levels of pruned layers are chosen while pruning, or null.</summary>
    public SourceLocation? Joint { get; init; }

    /// <summary>Inputs that share a scale.</summary>
    public int Size { get; init; } = 32;

    /// <summary>Whether the zero point is the middle of the levels.</summary>
    public bool IsSymmetric { get; init; } = true;

    /// <summary>0 for float activations, 4 for activations rounded to int8.</summary>
    public int AccuracyLevel { get; init; } = 4;

    /// <summary>Whether the first and the last layer get 8 bits.</summary>
    public bool ProtectFirstLast { get; init; } = true;

    /// <summary>Layers that get 8 bits.</summary>
    public IReadOnlyList<LayerName> EightBit { get; init; } = [];

    /// <summary>The choice among precisions, or null where all layers get 4 bits.</summary>
    public MixedStep? Mixed { get; init; }
}
