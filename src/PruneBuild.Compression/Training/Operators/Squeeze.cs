using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Squeeze of the given dimensions, or of every dimension of one.</summary>
internal sealed class Squeeze : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Squeeze"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var shape = call[0].shape;
        var dropped = call.Axes(1)?.Select(axis => OperatorCall.FromFront(axis, shape.Length)).ToHashSet();
        return [call[0].reshape([.. shape.Where((size, axis) => dropped is null ? size != 1 : !dropped.Contains(axis))])];
    }
}
