using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Softmax and LogSoftmax; before opset 13 they take everything from the axis on as one dimension.</summary>
internal sealed class Softmax : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Softmax", "LogSoftmax"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var x = call[0];
        var rank = x.shape.Length;
        if (call.Opset >= 13)
            return [Along(call, x, OperatorCall.FromFront(call.Node.GetInt("axis", -1), rank))];
        var axis = (int)OperatorCall.FromFront(call.Node.GetInt("axis", 1), rank);
        var rows = x.shape.Take(axis).Aggregate(1L, (product, size) => product * size);
        return [Along(call, x.reshape(rows, -1), 1).reshape(x.shape)];
    }

    private static torch.Tensor Along(OperatorCall call, torch.Tensor x, long axis) =>
        call.Node.OpType == "Softmax" ? x.softmax(axis) : x.log_softmax(axis);
}
