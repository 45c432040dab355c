using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Where.</summary>
internal sealed class Where : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Where"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call) => [torch.where(call[0], call[1], call[2])];
}
