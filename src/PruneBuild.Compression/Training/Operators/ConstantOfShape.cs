using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>ConstantOfShape; a float zero when no value is given.</summary>
internal sealed class ConstantOfShape : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["ConstantOfShape"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var value = call.Node.Attribute.FirstOrDefault(attribute => attribute.Name == "value") is { } attribute
            ? TorchTensors.Of(attribute.T) ?? throw call.Unsupported("the element type of its value")
            : torch.zeros([1], dtype: torch.ScalarType.Float32);
        var shape = call.Longs(0)!;
        return [value.reshape(Enumerable.Repeat(1L, shape.Length).ToArray()).expand(shape).clone()];
    }
}
