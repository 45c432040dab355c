using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>ArgMax and ArgMin along one axis.</summary>
internal sealed class ArgExtremum : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["ArgMax", "ArgMin"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        if (call.Node.GetInt("select_last_index", 0) == 1)
            throw call.Unsupported("select_last_index");
        var (axis, keep) = (call.Node.GetInt("axis", 0), call.Node.GetInt("keepdims", 1) == 1);
        return [call.Node.OpType == "ArgMax" ? call[0].argmax(axis, keep) : call[0].argmin(axis, keep)];
    }
}
