using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Constant, of a tensor, a number or a list of numbers.</summary>
internal sealed class Constant : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Constant"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var attribute = call.Node.Attribute.Single();
        return
        [
            attribute.Name switch
            {
                "value" => TorchTensors.Of(attribute.T) ?? throw call.Unsupported("the element type of its value"),
                "value_int" => TorchTensors.Of(new[] { attribute.I }, []),
                "value_float" => TorchTensors.Of(new[] { attribute.F }, []),
                "value_ints" => TorchTensors.Of(attribute.Ints.ToArray(), [attribute.Ints.Count]),
                "value_floats" => TorchTensors.Of(attribute.Floats.ToArray(), [attribute.Floats.Count]),
                var other => throw call.Unsupported(other),
            },
        ];
    }
}
