using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Concat along an axis.</summary>
internal sealed class Concat : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Concat"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var parts = Enumerable.Range(0, call.Inputs.Count).Select(index => call[index]).ToArray();
        return [torch.cat(parts, OperatorCall.FromFront(call.Node.GetInt("axis", 0), parts[0].shape.Length))];
    }
}
