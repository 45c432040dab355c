using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

/// <summary>A lowered model answers as the pruned and dequantized weights do in double precision.</summary>
public sealed class LoweredOutputTests
{
    /// <summary>Seven-bit activations cost about 0.9 % on random data; int8 kernels must stay below this.</summary>
    private const double Int8Error = 0.02;

    private const double Fp32Error = 1e-5;
    private const int Rows = 4;

    private static readonly Device X64 = DeviceCatalogue.Find("linux-x64");
    private static readonly Matrix Blocks8x4 = new(128, 256, blockSparsity: 0.9);
    private static readonly Matrix Blocks8x1 = new(128, 256, blockSparsity: 0.8, blockInputs: 1);
    private static readonly Matrix Ragged = new(101, 203, blockSparsity: 0.9);
    private static readonly Matrix Unstructured = new(128, 256, blockSparsity: 0);
    private static readonly float[] Bias = LoweredRun.Random(128, seed: 3);
    private static readonly float[] X = LoweredRun.Random(Rows * 256);

    private static ModelBuilder Model() => new ModelBuilder().Input("x", "n", 256).Output("y", "n", 128);

    private static void AssertLowered(ModelBuilder builder, string kernel, float[] expected, double tolerance, float[]? x = null, params int[] shape)
    {
        using var model = builder.Build();
        Assert.All(ModelLowering.Lower(model, X64), layer => Assert.Equal(kernel, layer.Kernel));

        var actual = LoweredRun.Run(model, "y", x ?? X, shape.Length == 0 ? [Rows, 256] : shape);

        Assert.InRange(LoweredRun.RelativeError(expected, actual), 0, tolerance);
    }

    [Fact]
    public void Sparse_int8_MatMul() => AssertLowered(
        Model().Quantized("w", Blocks8x4).Node("MatMul", ["x", "w"], "y"),
        Block8x4Int8.FormatName, Blocks8x4.Multiply(X), Int8Error);

    [Fact]
    public void Sparse_int8_MatMul_with_bias_and_Relu() => AssertLowered(
        Model().Quantized("w", Blocks8x4).Float("b", Bias, 128)
            .Node("MatMul", ["x", "w"], "h").Node("Add", ["h", "b"], "s").Node("Relu", ["s"], "y"),
        Block8x4Int8.FormatName, Blocks8x4.Multiply(X, Bias, relu: true), Int8Error);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sparse_int8_Gemm_with_a_row_as_bias(bool transB) => AssertLowered(
        Model().Quantized("w", Blocks8x4, transB).Float("b", Bias, 1, 128)
            .Node("Gemm", ["x", "w", "b"], "y", ("transB", transB ? 1 : 0)),
        Block8x4Int8.FormatName, Blocks8x4.Multiply(X, Bias), Int8Error);

    [Fact]
    public void Sparse_int8_of_odd_shape_and_three_dimensional_input()
    {
        var x = LoweredRun.Random(2 * 3 * 203);
        AssertLowered(
            new ModelBuilder().Input("x", 2, "n", 203).Output("y", 2, "n", 101).Quantized("w", Ragged).Node("MatMul", ["x", "w"], "y"),
            Block8x4Int8.FormatName, Ragged.Multiply(x), Int8Error, x, 2, 3, 203);
    }

    [Fact]
    public void Sparse_int8_is_not_bound_to_7_bit_weights()
    {
        var weight = new Matrix(128, 256, blockSparsity: 0.9, magnitude: 127);
        AssertLowered(
            Model().Quantized("w", weight).Node("MatMul", ["x", "w"], "y"), Block8x4Int8.FormatName, weight.Multiply(X), Int8Error);
    }

    [Fact]
    public void Sparse_fp32_MatMul() => AssertLowered(
        Model().Dense("w", Blocks8x1).Node("MatMul", ["x", "w"], "y"),
        Block8x1Float32.FormatName, Blocks8x1.Multiply(X), Fp32Error);

    [Fact]
    public void Sparse_fp32_Gemm_with_bias_and_Relu() => AssertLowered(
        Model().Dense("w", Blocks8x1, transB: true).Float("b", Bias, 128)
            .Node("Gemm", ["x", "w", "b"], "s", ("transB", 1)).Node("Relu", ["s"], "y"),
        Block8x1Float32.FormatName, Blocks8x1.Multiply(X, Bias, relu: true), Fp32Error);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Dense_int8_Gemm_with_bias_and_Relu(bool transB) => AssertLowered(
        Model().Quantized("w", Unstructured, transB).Float("b", Bias, 128)
            .Node("Gemm", ["x", "w", "b"], "s", ("transB", transB ? 1 : 0)).Node("Relu", ["s"], "y"),
        KernelName.DenseInt8, Unstructured.Multiply(X, Bias, relu: true), Int8Error);

    [Fact]
    public void Dense_int8_MatMul_without_bias() => AssertLowered(
        Model().Quantized("w", Unstructured).Node("MatMul", ["x", "w"], "y"),
        KernelName.DenseInt8, Unstructured.Multiply(X), Int8Error);

    [Fact]
    public void Dense_fp32_of_int8_weights()
    {
        var weight = new Matrix(128, 256, blockSparsity: 0, magnitude: 127);
        AssertLowered(
            Model().Quantized("w", weight).Node("MatMul", ["x", "w"], "y"), KernelName.DenseFp32StoredInt8, weight.Multiply(X), Fp32Error);
    }

    [Fact]
    public void Layers_that_share_a_weight()
    {
        var square = new Matrix(256, 256, blockSparsity: 0.9);
        AssertLowered(
            new ModelBuilder().Input("x", "n", 256).Output("y", "n", 256).Quantized("w", square)
                .Node("MatMul", ["x", "w"], "h").Node("MatMul", ["h", "w"], "y"),
            Block8x4Int8.FormatName, square.Multiply(square.Multiply(X)), Int8Error);
    }
}
