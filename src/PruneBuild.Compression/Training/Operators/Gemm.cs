using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Gemm: alpha A B + beta C.</summary>
internal sealed class Gemm : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Gemm"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var node = call.Node;
        var a = node.GetInt("transA", 0) == 1 ? call[0].t() : call[0];
        var b = node.GetInt("transB", 0) == 1 ? call[1].t() : call[1];
        var y = MatMul.Multiply(call, a, b);
        if (node.GetFloat("alpha", 1) is not 1 and var alpha)
            y = y * Scalars.Of(alpha);
        if (call.Optional(2) is { } c)
            y = y.Plus(node.GetFloat("beta", 1) is not 1 and var beta ? c * Scalars.Of(beta) : c);
        return [y];
    }
}
