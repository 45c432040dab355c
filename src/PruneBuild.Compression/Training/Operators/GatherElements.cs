using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>GatherElements.</summary>
internal sealed class GatherElements : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["GatherElements"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var axis = OperatorCall.FromFront(call.Node.GetInt("axis", 0), call[0].shape.Length);
        return [call[0].gather(axis, Gather.FromFront(call[1], call[0].shape[axis]))];
    }
}
