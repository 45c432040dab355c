using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Graph.Tests;

public sealed class WeightMatrices
{
    // Below one tile, across tiles, above the spool size, and above one band of the transposition.
    public static TheoryData<int, int> Sizes => new() { { 3, 5 }, { 70, 45 }, { 33, 1000 }, { 1, 7 }, { 1100, 1003 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_MatMul_weight_is_read_as_its_transpose(int inputs, int outputs)
    {
        var stored = TestModels.Random(inputs * outputs, 1);
        using var model = MatMul(inputs, outputs, stored);
        model.SetWeight("w", [inputs, outputs], stored);

        var matrix = WeightSites.Find(model)[0].ReadMatrix(model);

        Assert.Equal(Transpose(stored, inputs, outputs), matrix);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_MatMul_weight_is_written_as_the_transpose_of_the_matrix(int inputs, int outputs)
    {
        var matrix = TestModels.Random(inputs * outputs, 1);
        using var model = MatMul(inputs, outputs, new float[inputs * outputs]);

        WeightSites.Find(model)[0].WriteMatrix(model, matrix);

        Assert.Equal(Transpose(matrix, outputs, inputs), model.Weights["w"].ReadSingles());
        Assert.Equal([inputs, outputs], model.Weights["w"].Shape);
    }

    [Fact]
    public void A_Gemm_weight_with_transB_and_a_Conv_weight_are_read_and_written_as_they_lie()
    {
        var transposed = TestModels.Node("Gemm", ["x", "g"], "y");
        transposed.Set("transB", 1);
        var proto = TestModels.Model(transposed, TestModels.Node("Conv", ["y", "c"], "z"));
        float[] gemm = TestModels.Random(15, 1), conv = TestModels.Random(2 * 3 * 4, 2);
        proto.Graph.Initializer.Add([TestModels.Floats("g", [5, 3], gemm), TestModels.Floats("c", [2, 3, 2, 2], conv)]);
        using var model = OnnxModel.FromProto(proto);
        var sites = WeightSites.Find(model);

        Assert.Equal(gemm, sites[0].ReadMatrix(model));
        Assert.Equal(conv, sites[1].ReadMatrix(model));
        var edited = TestModels.Random(2 * 3 * 4, 3);
        sites[1].WriteMatrix(model, edited);
        Assert.Equal(edited, model.Weights["c"].ReadSingles());
        Assert.Equal([2L, 3, 2, 2], model.Weights["c"].Shape);
    }

    [Fact]
    public void A_MatMul_weight_with_leading_ones_keeps_its_shape()
    {
        var proto = TestModels.Model(TestModels.Node("MatMul", ["x", "w"], "y"));
        proto.Graph.Initializer.Add(TestModels.Floats("w", [1, 2, 3], 1, 2, 3, 4, 5, 6));
        using var model = OnnxModel.FromProto(proto);
        var site = WeightSites.Find(model)[0];

        Assert.Equal([1f, 4, 2, 5, 3, 6], site.ReadMatrix(model));
        site.WriteMatrix(model, [0, 4, 2, 0, 3, 6]);

        Assert.Equal([1L, 2, 3], model.Weights["w"].Shape);
        Assert.Equal([0f, 2, 3, 4, 0, 6], model.Weights["w"].ReadSingles());
    }

    [Fact]
    public void An_int8_weight_is_read_as_values_and_scales_and_dequantized()
    {
        var dequantize = TestModels.Node("DequantizeLinear", ["q", "s"], "w");
        var proto = TestModels.Model(dequantize, TestModels.Node("MatMul", ["x", "w"], "y"));
        proto.Graph.Initializer.Add([
            TestModels.Raw("q", DataType.Int8, [2, 3], [1, 2, 3, 252, 251, 128]), TestModels.Floats("s", [3], 0.5f, 2, 4)]);
        using var model = OnnxModel.FromProto(proto);
        var site = WeightSites.Find(model)[0];

        var (values, scales) = site.ReadQuantized(model);

        Assert.Equal([1, -4, 2, -5, 3, -128], values);
        Assert.Equal([0.5f, 2, 4], scales);
        Assert.Equal([0.5f, -2, 4, -10, 12, -512], site.ReadMatrix(model));
        Assert.Throws<InvalidOperationException>(() => site.WriteMatrix(model, new float[6]));
    }

    [Fact]
    public void A_matrix_of_the_wrong_size_is_refused()
    {
        using var model = MatMul(2, 3, new float[6]);
        var site = WeightSites.Find(model)[0];

        Assert.Throws<ArgumentException>(() => site.WriteMatrix(model, new float[5]));
        Assert.Throws<InvalidOperationException>(() => site.ReadQuantized(model));
    }

    private static OnnxModel MatMul(int inputs, int outputs, float[] stored)
    {
        var proto = TestModels.Model(TestModels.Node("MatMul", ["x", "w"], "y"));
        proto.Graph.Initializer.Add(TestModels.Floats("w", [inputs, outputs], stored));
        return OnnxModel.FromProto(proto);
    }

    private static float[] Transpose(float[] source, int rows, int columns) =>
        [.. Enumerable.Range(0, source.Length).Select(i => source[i % rows * columns + i / rows])];
}
