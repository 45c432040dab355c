using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>ONNX Runtime's RotaryEmbedding of [batch, tokens, heads × features] with a position for every token.</summary>
internal sealed class RotaryEmbedding : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["RotaryEmbedding"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var (x, positions, heads) = (call[0], call[1], call.Node.GetInt("num_heads", 0));
        if (x.shape.Length != 3 || positions.shape.Length != 2 || heads == 0 || call.Node.GetInt("interleaved", 0) != 0)
            throw call.Unsupported("its layout");
        torch.Tensor Rows(int table) => call[table][positions].unsqueeze(1);
        return [RotaryTurn.Join(RotaryTurn.Apply(RotaryTurn.Split(x, heads), Rows(2), Rows(3)))];
    }
}
