using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Clip; its bounds are attributes before opset 11 and optional inputs since.</summary>
internal sealed class Clip : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Clip"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        if (call.Opset < 11)
            return [call[0].clamp(Scalars.Of(call.Node.GetFloat("min", float.MinValue)), Scalars.Of(call.Node.GetFloat("max", float.MaxValue)))];
        var result = call[0].alias();
        if (call.Optional(1) is { } low)
            result = torch.maximum(result, low);
        return [call.Optional(2) is { } high ? torch.minimum(result, high) : result];
    }
}
