using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>RMSNormalization and its earlier name SimplifiedLayerNormalization: x / √(mean(x²) + ε) · scale (Zhang and Sennrich 2019).</summary>
internal sealed class RootMeanSquareNormalization : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["RMSNormalization", "SimplifiedLayerNormalization"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        if (call.Node.Output.Skip(1).Any(output => output.Length > 0))
            throw call.Unsupported("the deviation output");
        var x = call[0];
        var axis = OperatorCall.FromFront(call.Node.GetInt("axis", -1), x.shape.Length);
        var axes = Enumerable.Range((int)axis, x.shape.Length - (int)axis).Select(one => (long)one).ToArray();
        return [x * x.square().mean(axes, true).Plus(Scalars.Of(call.Node.GetFloat("epsilon", 1e-5f))).rsqrt() * call[1]];
    }
}
