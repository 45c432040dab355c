using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>The quantization step.</summary>
/// <param name="Precision">int8 or int4.</param>
public sealed record QuantizeStep(string Precision)
{
    /// <summary>Layers that stay float.</summary>
    public IReadOnlyList<LayerName> Skip { get; init; } = [];

    /// <summary>Whether int8 levels make up for what rounding loses (gptq); those of int4 are chosen as <see cref="Groups"/> says.</summary>
    public bool Compensates { get; init; }

    /// <summary>How weights of int4 share scales; null for int8, one scale for each output.</summary>
    public GroupStep? Groups { get; init; }

    /// <summary>Every layer that is named.</summary>
    internal IEnumerable<LayerName> NamedLayers => Skip.Concat(Groups?.EightBit ?? []);
}

/// <summary>How weights of few bits share scales, and how their levels are chosen.</summary>
public sealed record GroupStep
{
    /// <summary>rtn, rtn-clip, gptq or hqq.</summary>
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
}
