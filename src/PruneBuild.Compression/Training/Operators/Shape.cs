using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Shape and Size, as int64.</summary>
internal sealed class Shape : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Shape", "Size"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var shape = call[0].shape;
        if (call.Node.OpType == "Size")
            return [TorchTensors.Of(new[] { call[0].numel() }, [])];
        int Place(string name, long missing) =>
            (int)Math.Clamp(OperatorCall.FromFront(call.Node.GetInt(name, missing), shape.Length), 0, shape.Length);
        var (start, end) = (Place("start", 0), Place("end", shape.Length));
        long[] part = end > start ? shape[start..end] : [];
        return [TorchTensors.Of(part, [part.Length])];
    }
}
