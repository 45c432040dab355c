using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Unsqueeze; the axes count in the result.</summary>
internal sealed class Unsqueeze : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Unsqueeze"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var shape = new List<long>(call[0].shape);
        var axes = call.Axes(1)!;
        foreach (var axis in axes.Select(axis => OperatorCall.FromFront(axis, call[0].shape.Length + axes.Length)).Order())
            shape.Insert((int)axis, 1);
        return [call[0].reshape([.. shape])];
    }
}
