using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Elementwise functions of two inputs with multidirectional broadcasting. The result keeps the inputs' type, as ONNX says.</summary>
internal sealed class BinaryFunctions : ITorchOperator
{
    private static readonly Dictionary<string, Func<OperatorCall, torch.Tensor, torch.Tensor, torch.Tensor>> Functions = new(StringComparer.Ordinal)
    {
        ["Add"] = static (_, a, b) => a.Plus(b),
        ["Sub"] = static (_, a, b) => a - b,
        ["Mul"] = static (_, a, b) => a * b,
        ["Div"] = static (_, a, b) => a.is_floating_point() ? a / b : Truncated(a, b),
        // The type of the result is that of the base; libtorch would promote.
        ["Pow"] = static (_, a, b) => torch.pow(a, b).to_type(a.dtype),
        ["Mod"] = static (call, a, b) => call.Node.GetInt("fmod", 0) == 1 ? torch.fmod(a, b) : torch.remainder(a, b),
        ["PRelu"] = static (_, a, b) => a.clamp(min: Scalars.Of(0)).Plus(b * a.clamp(max: Scalars.Of(0))),
        ["Equal"] = static (_, a, b) => a.eq(b),
        ["Less"] = static (_, a, b) => a.lt(b),
        ["LessOrEqual"] = static (_, a, b) => a.le(b),
        ["Greater"] = static (_, a, b) => a.gt(b),
        ["GreaterOrEqual"] = static (_, a, b) => a.ge(b),
        ["And"] = static (_, a, b) => a.logical_and(b),
        ["Or"] = static (_, a, b) => a.logical_or(b),
        ["Xor"] = static (_, a, b) => a.logical_xor(b),
    };

    public IReadOnlyList<string> Types { get; } = [.. Functions.Keys];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call) => [Functions[call.Node.OpType](call, call[0], call[1])];

    // What fmod leaves divides without a rest, so the quotient is exact; libtorch's own division goes through floats.
    private static torch.Tensor Truncated(torch.Tensor a, torch.Tensor b) => (a - torch.fmod(a, b)).floor_divide(b);
}
