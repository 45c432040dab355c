using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Trilu: the upper or lower triangle of the last two dimensions.</summary>
internal sealed class Trilu : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Trilu"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var diagonal = call.Longs(1) is [var k, ..] ? k : 0;
        return [call.Node.GetInt("upper", 1) == 1 ? call[0].triu(diagonal) : call[0].tril(diagonal)];
    }
}
