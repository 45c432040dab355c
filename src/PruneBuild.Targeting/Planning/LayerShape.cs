namespace PruneBuild.Targeting;

/// <summary>What the planner needs to know about a linear layer. Sparsities are fractions of zeros, 0 to 1.</summary>
/// <param name="Name">Name for people.</param>
/// <param name="Op">Operator: <c>MatMul</c>, <c>Gemm</c> or <c>Conv</c>.</param>
/// <param name="Outputs">Output features.</param>
/// <param name="Inputs">Input features.</param>
/// <param name="BatchRows">Rows of the activation: 1 for a matrix-vector product; the output positions of a Conv.</param>
/// <param name="Block8x4Sparsity">Share of the blocks of 8 outputs by 4 inputs that are all zero.</param>
/// <param name="Block8x1Sparsity">Share of the blocks of 8 outputs by 1 input that are all zero.</param>
/// <param name="IsQuantized">Whether the weights are int8 with a scale for each output.</param>
public sealed record LayerShape(
    string Name,
    string Op,
    int Outputs,
    int Inputs,
    long BatchRows,
    double Block8x4Sparsity,
    double Block8x1Sparsity,
    bool IsQuantized)
{
    private readonly long modelWeights;

    /// <summary>Weights of the layer; each meets every row.</summary>
    public long Weights => (long)Outputs * Inputs;

    /// <summary>Whether int8 weights lie within -64 to 64: two products with a byte then fit 16 bits.</summary>
    public bool IsWithinSevenBits { get; init; } = true;

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
