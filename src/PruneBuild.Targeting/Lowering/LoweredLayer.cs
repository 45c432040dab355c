namespace PruneBuild.Targeting;

/// <summary>What became of one linear layer.</summary>
/// <param name="Name">Name for people.</param>
/// <param name="Op">Operator of the model: <c>MatMul</c>, <c>Gemm</c> or <c>Conv</c>.</param>
/// <param name="Outputs">Output features or channels.</param>
/// <param name="Inputs">Input features; for Conv input channels of a group by kernel positions.</param>
/// <param name="Sparsity">Fraction of zeros among the weights that ship, 0 to 1.</param>
/// <param name="Kernel">One of <see cref="KernelName"/>, or the name of a packed format.</param>
/// <param name="Precision">As <see cref="KernelCandidate.Precision"/>.</param>
/// <param name="StoredBytes">Bytes of the weight in the artifact, scales included. A weight that layers share counts for each.</param>
/// <param name="Reason">The decision with its numbers; a refused sparse kernel starts it with <c>refused:</c>.</param>
/// <param name="Candidates">What the planner compared; empty when the layer never came to a comparison.</param>
public sealed record LoweredLayer(
    string Name,
    string Op,
    int Outputs,
    int Inputs,
    double Sparsity,
    string Kernel,
    string Precision,
    long StoredBytes,
    string Reason,
    IReadOnlyList<KernelCandidate> Candidates);
