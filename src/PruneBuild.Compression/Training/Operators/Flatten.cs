using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Flatten to a matrix: the dimensions before the axis are the rows.</summary>
internal sealed class Flatten : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Flatten"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var shape = call[0].shape;
        var axis = (int)OperatorCall.FromFront(call.Node.GetInt("axis", 1), shape.Length);
        long Product(IEnumerable<long> sizes) => sizes.Aggregate(1L, (product, size) => product * size);
        return [call[0].reshape(Product(shape.Take(axis)), Product(shape.Skip(axis)))];
    }
}
