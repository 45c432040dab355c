using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Tile.</summary>
internal sealed class Tile : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Tile"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call) => [call[0].repeat(call.Longs(1)!)];
}
