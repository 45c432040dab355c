using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Einsum.</summary>
internal sealed class Einsum : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Einsum"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call) =>
        [torch.einsum(call.Node.GetText("equation", ""), [.. Enumerable.Range(0, call.Inputs.Count).Select(index => call[index])])];
}
