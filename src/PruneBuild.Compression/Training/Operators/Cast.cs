using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Cast and CastLike between numbers and booleans.</summary>
internal sealed class Cast : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Cast", "CastLike"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        if (call.Node.OpType == "CastLike")
            return [call[0].to_type(call[1].dtype, copy: true)];
        var to = (TensorProto.Types.DataType)call.Node.GetInt("to", 0);
        var type = TorchTensors.TypeOf(to) ?? throw call.Unsupported($"the element type {to}");
        return [call[0].to_type(type, copy: true)];
    }
}
