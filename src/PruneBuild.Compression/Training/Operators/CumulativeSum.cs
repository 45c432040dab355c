using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>CumSum along an axis, forwards and with the element itself.</summary>
internal sealed class CumulativeSum : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["CumSum"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        if (call.Node.GetInt("exclusive", 0) == 1 || call.Node.GetInt("reverse", 0) == 1)
            throw call.Unsupported("exclusive or reverse");
        return [call[0].cumsum(call.Longs(1)![0], call[0].dtype)];
    }
}
