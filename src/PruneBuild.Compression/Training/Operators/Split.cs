using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Split by given sizes, or into as many parts as there are outputs, of which the last may be smaller.</summary>
internal sealed class Split : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Split"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var axis = OperatorCall.FromFront(call.Node.GetInt("axis", 0), call[0].shape.Length);
        var sizes = call.Longs(1) ?? [.. call.Node.GetInts("split", [])];
        if (sizes.Length == 0)
        {
            var (size, count) = (call[0].shape[axis], call.Node.Output.Count);
            var part = (size + count - 1) / count;
            sizes = [.. Enumerable.Range(0, count).Select(index => Math.Min(part, size - (index * part)))];
        }
        return call[0].split(sizes, axis);
    }
}
