using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>MatMul with the broadcasting of NumPy.</summary>
internal sealed class MatMul : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["MatMul"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call) => [Multiply(call, call[0], call[1])];

    /// <summary>The product. Sizes are compared here because LibTorchSharp lets this one exception of libtorch end the process.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">PB3007: the inner sizes differ.</exception>
    public static torch.Tensor Multiply(OperatorCall call, torch.Tensor a, torch.Tensor b)
    {
        var (left, right) = (a.shape, b.shape);
        var fits = left.Length > 0 && right.Length > 0 && left[^1] == right[Math.Max(0, right.Length - 2)];
        for (var fromEnd = 3; fromEnd <= Math.Min(left.Length, right.Length); fromEnd++)
            fits &= left[^fromEnd] == right[^fromEnd] || left[^fromEnd] == 1 || right[^fromEnd] == 1;
        return fits ? a.matmul(b) : throw call.Unsupported($"[{string.Join(", ", left)}] times [{string.Join(", ", right)}]");
    }
}
