using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>GlobalAveragePool and GlobalMaxPool over every dimension behind the channels.</summary>
internal sealed class GlobalPooling : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["GlobalAveragePool", "GlobalMaxPool"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var dimensions = Enumerable.Range(2, call[0].shape.Length - 2).Select(axis => (long)axis).ToArray();
        return [call.Node.OpType == "GlobalMaxPool" ? call[0].amax(dimensions, true) : call[0].mean(dimensions, true)];
    }
}
