using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Reshape; 0 copies a dimension and -1 infers one.</summary>
internal sealed class Reshape : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Reshape"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var shape = call.Longs(1)!;
        if (call.Node.GetInt("allowzero", 0) == 0)
        {
            for (var axis = 0; axis < shape.Length; axis++)
                if (shape[axis] == 0)
                    shape[axis] = call[0].shape[axis];
        }
        return [call[0].reshape(shape)];
    }
}
