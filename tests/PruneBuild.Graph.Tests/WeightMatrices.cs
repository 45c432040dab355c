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
    public void A_Gemm_weight_with_transB_is_read_and_written_as_it_lies()
    {
        var transposed = TestModels.Node("Gemm", ["x", "g"], "y");
        transposed.Set("transB", 1);
        var proto = TestModels.Model(transposed);
        float[] gemm = TestModels.Random(15, 1), edited = TestModels.Random(15, 2);
        proto.Graph.Initializer.Add(TestModels.Floats("g", [5, 3], gemm));
        using var model = OnnxModel.FromProto(proto);
        var site = WeightSites.Find(model)[0];

        Assert.Equal(gemm, site.ReadMatrix(model));
        site.WriteMatrix(model, edited);

        Assert.Equal(edited, model.Weights["g"].ReadSingles());
        Assert.Equal([5L, 3], model.Weights["g"].Shape);
    }

    [Fact]
    public void A_Conv_weight_is_a_matrix_whose_inputs_are_the_channels_of_one_kernel_position_after_another()
    {
        // The digits of a weight: output, channel, kernel row, kernel column.
        using var model = Conv([2, 3, 2, 2], [
            1000, 1001, 1010, 1011, 1100, 1101, 1110, 1111, 1200, 1201, 1210, 1211,
            2000, 2001, 2010, 2011, 2100, 2101, 2110, 2111, 2200, 2201, 2210, 2211]);

        Assert.Equal(
            [1000f, 1100, 1200, 1001, 1101, 1201, 1010, 1110, 1210, 1011, 1111, 1211,
             2000, 2100, 2200, 2001, 2101, 2201, 2010, 2110, 2210, 2011, 2111, 2211],
            WeightSites.Find(model)[0].ReadMatrix(model));
    }

    // One, two and three kernel dimensions, 1x1, one channel, several outputs in a band of the file with the last cut by its
    // end, and outputs larger than a band.
    public static TheoryData<long[]> Kernels => new(
        [6, 5, 3], [2, 3, 2, 3], [2, 3, 2, 3, 2], [4, 7, 1, 1], [4, 1, 3, 3], [4, 1, 5], [70, 1000, 5, 5], [2, 130_000, 3, 3]);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_Conv_weight_is_read_with_the_channel_innermost(long[] shape)
    {
        var stored = TestModels.Random(shape.Aggregate(1, (product, size) => product * (int)size), 1);
        using var model = Conv(shape, stored);
        model.SetWeight("w", shape, stored);
        var site = WeightSites.Find(model)[0];

        var matrix = site.ReadMatrix(model);

        Assert.Equal(ChannelsLast(stored, shape), matrix);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_Conv_weight_is_written_back_in_the_layout_of_the_file(long[] shape)
    {
        var stored = TestModels.Random(shape.Aggregate(1, (product, size) => product * (int)size), 1);
        using var model = Conv(shape, new float[stored.Length]);

        WeightSites.Find(model)[0].WriteMatrix(model, ChannelsLast(stored, shape));

        Assert.Equal(stored, model.Weights["w"].ReadSingles());
        Assert.Equal(shape, model.Weights["w"].Shape);
    }

    [Fact]
    public void An_int8_Conv_weight_has_the_same_order()
    {
        var dequantize = TestModels.Node("DequantizeLinear", ["q", "s"], "w");
        dequantize.Set("axis", 0);
        var proto = TestModels.Model(dequantize, TestModels.Node("Conv", ["x", "w"], "y"));
        proto.Graph.Initializer.Add([
            TestModels.Raw("q", DataType.Int8, [2, 2, 1, 3], [1, 2, 3, 4, 5, 6, 255, 254, 253, 252, 251, 250]),
            TestModels.Floats("s", [2], 0.5f, 2)]);
        using var model = OnnxModel.FromProto(proto);
        var site = WeightSites.Find(model)[0];

        var (values, scales) = site.ReadQuantized(model);

        Assert.Equal([1, 4, 2, 5, 3, 6, -1, -4, -2, -5, -3, -6], values);
        Assert.Equal([0.5f, 2], scales);
        Assert.Equal([0.5f, 2, 1, 2.5f, 1.5f, 3, -2, -8, -4, -10, -6, -12], site.ReadMatrix(model));
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
        using var conv = Conv([2, 3, 2], new float[12]);
        Assert.Throws<ArgumentException>(() => WeightSites.Find(conv)[0].WriteMatrix(conv, new float[11]));
        Assert.Throws<InvalidOperationException>(() => site.ReadQuantized(model));
    }

    private static OnnxModel MatMul(int inputs, int outputs, float[] stored)
    {
        var proto = TestModels.Model(TestModels.Node("MatMul", ["x", "w"], "y"));
        proto.Graph.Initializer.Add(TestModels.Floats("w", [inputs, outputs], stored));
        return OnnxModel.FromProto(proto);
    }

    private static OnnxModel Conv(long[] shape, float[] stored)
    {
        var proto = TestModels.Model(TestModels.Node("Conv", ["x", "w"], "y"));
        proto.Graph.Initializer.Add(TestModels.Floats("w", shape, stored));
        return OnnxModel.FromProto(proto);
    }

    /// <summary>[outputs, channels, positions] as [outputs, positions, channels].</summary>
    private static float[] ChannelsLast(float[] stored, long[] shape)
    {
        var (outputs, channels) = ((int)shape[0], (int)shape[1]);
        var positions = stored.Length / outputs / channels;
        return [.. from output in Enumerable.Range(0, outputs)
                   from position in Enumerable.Range(0, positions)
                   from channel in Enumerable.Range(0, channels)
                   select stored[(((output * channels) + channel) * positions) + position]];
    }

    private static float[] Transpose(float[] source, int rows, int columns) =>
        [.. Enumerable.Range(0, source.Length).Select(i => source[i % rows * columns + i / rows])];
}
