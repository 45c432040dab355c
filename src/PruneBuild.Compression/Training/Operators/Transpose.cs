using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Transpose; without a permutation the dimensions are reversed.</summary>
internal sealed class Transpose : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Transpose"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var reversed = Enumerable.Range(0, call[0].shape.Length).Reverse().Select(axis => (long)axis).ToArray();
        return [call[0].permute([.. call.Node.GetInts("perm", reversed)])];
    }
}
