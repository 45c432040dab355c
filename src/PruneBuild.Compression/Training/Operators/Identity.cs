using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Identity, and Dropout as inference takes it.</summary>
internal sealed class Identity : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Identity", "Dropout"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call) =>
        call.Node.Output.Skip(1).Any(output => output.Length > 0) ? throw call.Unsupported("the mask output") : [call[0].alias()];
}
