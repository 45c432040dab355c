namespace PruneBuild.Targeting;

/// <summary>What the planner needs to know about a linear layer, its zeros aside.</summary>
/// <param name="Name">Name for people.</param>
/// <param name="Op">Operator: <c>MatMul</c>, <c>Gemm</c> or <c>Conv</c>.</param>
/// <param name="Outputs">Output features.</param>
/// <param name="Inputs">Input features; for Conv kernel positions by channels of a group.</param>
/// <param name="BatchRows">Rows of the activation: 1 for a matrix-vector product; the output positions of a Conv.</param>
/// <param name="IsQuantized">Whether the weights are int8 with a scale for each output.</param>
public sealed record LayerShape(string Name, string Op, int Outputs, int Inputs, long BatchRows, bool IsQuantized)
{
    private readonly long modelWeights;
    private readonly long activations;

    /// <summary>Weights of the layer; each meets every row.</summary>
    public long Weights => (long)Outputs * Inputs;

    /// <summary>Whether the layer is a convolution.</summary>
    public bool IsConv => Op == "Conv";

    /// <summary>Whether int8 weights lie within -64 to 64: two products with a byte then fit 16 bits.</summary>
    public bool IsWithinSevenBits { get; init; } = true;

    /// <summary>Whether the model quantizes the activations of the layer by itself, with ranges from calibration; its dense kernel is int8 then.</summary>
    public bool IsStatic { get; init; }

    /// <summary>Input channels of a group of a Conv.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>Elements of the activation that the layer takes; rows times inputs unless set, which a Conv must.</summary>
    public long Activations
    {
        get => activations > 0 ? activations : BatchRows * Inputs;
        init => activations = value;
    }

    /// <summary>Why no other operator can take the layer's place, or null.</summary>
    public string? Obstacle { get; init; }

    /// <summary>
    /// Weights that the model reads between two runs of this layer, its own included; they decide whether the layer is
    /// still in the cache. The layer's own unless set.
    /// </summary>
    public long ModelWeights
    {
        get => Math.Max(modelWeights, Weights);
        init => modelWeights = value;
    }
}
