using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>InstanceNormalization: every channel of every case by its own mean and variance (Ulyanov et al. 2016).</summary>
internal sealed class InstanceNormalization : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["InstanceNormalization"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var x = call[0];
        long[] perChannel = [1, -1, .. Enumerable.Repeat(1L, x.shape.Length - 2)];
        var y = torch.nn.functional.layer_norm(x, x.shape[2..], eps: call.Node.GetFloat("epsilon", 1e-5f));
        return [(y * call[1].reshape(perChannel)).Plus(call[2].reshape(perChannel))];
    }
}
