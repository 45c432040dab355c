using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>DequantizeLinear with one scale for the tensor or one for every slice of an axis.</summary>
internal sealed class DequantizeLinear : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["DequantizeLinear"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        if (call.Node.GetInt("block_size", 0) != 0)
            throw call.Unsupported("block_size");
        var (x, scale) = (call[0], call[1]);
        torch.Tensor Spread(torch.Tensor values)
        {
            if (values.numel() == 1)
                return values.reshape(Enumerable.Repeat(1L, x.shape.Length).ToArray());
            var axis = OperatorCall.FromFront(call.Node.GetInt("axis", 1), x.shape.Length);
            return values.reshape([.. x.shape.Select((_, index) => index == axis ? -1L : 1L)]);
        }
        var steps = x.to_type(scale.dtype);
        if (call.Optional(2) is { } zero)
            steps = steps - Spread(zero.to_type(scale.dtype));
        return [steps * Spread(scale)];
    }
}
