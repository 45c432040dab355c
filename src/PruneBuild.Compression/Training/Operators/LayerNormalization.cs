using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>LayerNormalization over every dimension from its axis on (Ba, Kiros and Hinton 2016).</summary>
internal sealed class LayerNormalization : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["LayerNormalization"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        if (call.Node.Output.Skip(1).Any(output => output.Length > 0))
            throw call.Unsupported("the mean and deviation outputs");
        var x = call[0];
        var axis = (int)OperatorCall.FromFront(call.Node.GetInt("axis", -1), x.shape.Length);
        var y = torch.nn.functional.layer_norm(x, x.shape[axis..], eps: call.Node.GetFloat("epsilon", 1e-5f)) * call[1];
        return [call.Optional(2) is { } bias ? y.Plus(bias) : y];
    }
}
