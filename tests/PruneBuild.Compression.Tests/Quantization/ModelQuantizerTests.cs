using PruneBuild.Compression.Quantization;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Tests.Quantization;

public sealed class ModelQuantizerTests
{
    private static readonly float[] Weight = TestModels.Random(1, 6 * 4).Select((value, index) => index % 3 == 0 ? 0 : value).ToArray();

    private static OnnxModel Layer(string op) => op switch
    {
        "MatMul" => TestModels.Model([TestModels.Node("MatMul", ["x", "w"], "y")], [("x", [-1, 6])], ["y"], [("w", [6, 4], Weight)]),
        "Gemm" => TestModels.Model([TestModels.Node("Gemm", ["x", "w"], "y", ("transB", 1L))], [("x", [-1, 6])], ["y"], [("w", [4, 6], Weight)]),
        "GemmPlain" => TestModels.Model([TestModels.Node("Gemm", ["x", "w"], "y")], [("x", [-1, 6])], ["y"], [("w", [6, 4], Weight)]),
        "Conv" => TestModels.Model([TestModels.Node("Conv", ["x", "w"], "y")], [("x", [2, 6, 3, 3])], ["y"], [("w", [4, 6, 1, 1], Weight)]),
        "Conv1x2" => TestModels.Model([TestModels.Node("Conv", ["x", "w"], "y")], [("x", [2, 3, 3, 3])], ["y"], [("w", [4, 3, 1, 2], Weight)]),
        _ => throw new ArgumentException("unknown layer", nameof(op)),
    };

    [Theory]
    [InlineData("MatMul", 8)]
    [InlineData("Gemm", 8)]
    [InlineData("GemmPlain", 7)]
    [InlineData("Conv", 8)]
    [InlineData("Conv", 7)]
    [InlineData("Conv1x2", 8)]
    public void The_quantized_model_computes_with_the_dequantized_weights(string op, int bits)
    {
        using var quantized = Layer(op);
        var report = Assert.Single(ModelQuantizer.Quantize(quantized, new QuantizeOptions { Bits = bits }));
        Assert.Equal(bits, report.Bits);
        Assert.True(report.SignalToNoise > (bits == 8 ? 35 : 29));
        using var reference = Layer(op);
        WeightSites.Find(reference)[0].WriteMatrix(reference, WeightSites.Find(quantized)[0].ReadMatrix(quantized));
        long[] shape = op switch { "Conv" => [2, 6, 3, 3], "Conv1x2" => [2, 3, 3, 3], _ => [5, 6] };
        var data = TestModels.Random(2, (int)shape.Aggregate((product, dimension) => product * dimension));
        var expected = TestModels.Run(reference, "x", data, shape, "y");
        var actual = TestModels.Run(quantized, "x", data, shape, "y");
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Theory]
    [InlineData("MatMul", 8)]
    [InlineData("MatMul", 7)]
    [InlineData("Gemm", 8)]
    [InlineData("Conv", 8)]
    public void With_statistics_rounding_errors_are_made_up_for_and_zeros_stay_zero(string op, int bits)
    {
        var weights = TestModels.Random(5, 40 * 24).Select((value, index) => index % 5 == 0 ? 0 : value).ToArray();
        using var dense = op switch
        {
            "MatMul" => TestModels.Model([TestModels.Node("MatMul", ["x", "w"], "y")], [("x", [-1, 40])], ["y"], [("w", [40, 24], weights)]),
            "Gemm" => TestModels.Model([TestModels.Node("Gemm", ["x", "w"], "y", ("transB", 1L))], [("x", [-1, 40])], ["y"], [("w", [24, 40], weights)]),
            // Two groups of 20 channels at two positions, 12 outputs each.
            _ => TestModels.Model([TestModels.Node("Conv", ["x", "w"], "y", ("group", 2L))], [("x", [-1, 40, 1, 12])], ["y"], [("w", [24, 20, 1, 2], weights)]),
        };
        long[] shape = op == "Conv" ? [50, 40, 1, 12] : [600, 40];
        // Channels that depend on each other, whatever the layout.
        float[] Data(int seed) => op == "Conv" ? Turned(TestModels.Correlated(seed, 600, 40)) : TestModels.Correlated(seed, 600, 40);
        var statistics = TestModels.Calibrate(dense, [.. Enumerable.Range(0, 2).Select(seed => TestModels.Batch("x", Data(seed), shape))]);
        double Error(QuantizeOptions options)
        {
            var quantized = dense.Snapshot();
            Assert.Null(Assert.Single(ModelQuantizer.Quantize(quantized, options)).Reason);
            var (before, after) = (WeightSites.Find(dense)[0].ReadMatrix(dense), WeightSites.Find(quantized)[0].ReadMatrix(quantized));
            Assert.All(before.Zip(after), pair => Assert.True(pair.First != 0 || pair.Second == 0));
            var judge = Data(9);
            return TestModels.Run(dense, "x", judge, shape, "y").Zip(TestModels.Run(quantized, "x", judge, shape, "y")).Sum(pair => Math.Pow(pair.First - pair.Second, 2));
        }
        var (compensated, nearest) = (Error(new QuantizeOptions { Bits = bits, Statistics = statistics }), Error(new QuantizeOptions { Bits = bits }));
        Assert.True(compensated < 0.7 * nearest, $"{compensated} against {nearest}");
    }

    /// <summary>[cases x positions, channels] as [cases, channels, positions].</summary>
    private static float[] Turned(float[] rows)
    {
        const int channels = 40, positions = 12;
        var turned = new float[rows.Length];
        for (var at = 0; at < rows.Length; at++)
        {
            var (row, channel) = (at / channels, at % channels);
            turned[(((row / positions * channels) + channel) * positions) + (row % positions)] = rows[at];
        }
        return turned;
    }

    [Fact]
    public void Int8_weights_have_the_promised_names_and_zeros_stay_zero()
    {
        using var model = Layer("MatMul");
        ModelQuantizer.Quantize(model, new QuantizeOptions());
        Assert.Equal(["w_quantized", "w_scale"], model.Weights.Keys.Order());
        var values = model.Weights["w_quantized"].Read<sbyte>();
        Assert.All(Enumerable.Range(0, values.Length), index => Assert.True(Weight[index] != 0 || values[index] == 0));
        Assert.Equal(WeightStorage.Int8PerOutput, Assert.Single(WeightSites.Find(model)).Storage);
    }

    [Fact]
    public void Quantizing_twice_changes_nothing_more()
    {
        using var model = Layer("Gemm");
        ModelQuantizer.Quantize(model, new QuantizeOptions());
        var before = model.Proto.Clone();
        var report = Assert.Single(ModelQuantizer.Quantize(model, new QuantizeOptions()));
        Assert.Equal("the weight is already quantized", report.Reason);
        Assert.Equal(before, model.Proto);
    }

    [Fact]
    public void A_skipped_layer_stays_float()
    {
        using var model = Layer("Gemm");
        Assert.Equal("skipped by the recipe", Assert.Single(ModelQuantizer.Quantize(model, new QuantizeOptions { Skip = ["y_*"] })).Reason);
        Assert.Equal(["w"], model.Weights.Keys);
    }

    [Fact]
    public void A_weight_that_another_operator_uses_stays_float()
    {
        using var model = TestModels.Model(
            [TestModels.Node("MatMul", ["x", "w"], "y"), TestModels.Node("Relu", ["w"], "z")], [("x", [-1, 6])], ["y", "z"], [("w", [6, 4], Weight)]);
        Assert.Contains("Relu", Assert.Single(ModelQuantizer.Quantize(model, new QuantizeOptions())).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_shared_by_layers_is_quantized_once()
    {
        using var model = TestModels.Model(
            [TestModels.Node("MatMul", ["x", "w"], "h"), TestModels.Node("MatMul", ["h", "w"], "y")], [("x", [-1, 4])], ["y"],
            [("w", [4, 4], Weight[..16])]);
        Assert.Equal(2, ModelQuantizer.Quantize(model, new QuantizeOptions()).Count);
        Assert.Single(model.Graph.Node, node => node.OpType == "DequantizeLinear");
        Assert.Equal(3 * 4, TestModels.Run(model, "x", TestModels.Random(1, 12), [3, 4], "y").Length);
    }

    [Fact]
    public void An_older_opset_is_raised_when_no_operator_changes()
    {
        using var model = TestModels.Model([TestModels.Node("MatMul", ["x", "w"], "y")], [("x", [-1, 6])], ["y"], [("w", [6, 4], Weight)], opset: 11);
        ModelQuantizer.Quantize(model, new QuantizeOptions());
        Assert.Equal(13, model.Proto.OpsetImport[0].Version);
        Assert.Equal(4, TestModels.Run(model, "x", TestModels.Random(1, 6), [1, 6], "y").Length);
    }

    [Theory]
    [InlineData(11, "Softmax")]
    [InlineData(12, "Squeeze")]
    [InlineData(9, "Relu")]
    public void An_older_opset_that_cannot_be_raised_is_a_coded_error_and_changes_nothing(long opset, string op)
    {
        using var model = TestModels.Model(
            [TestModels.Node("MatMul", ["x", "w"], "h"), TestModels.Node(op, ["h"], "y")], [("x", [-1, 6])], ["y"], [("w", [6, 4], Weight)], opset);
        Assert.Equal("PB3005", Assert.Throws<PruneBuildException>(() => ModelQuantizer.Quantize(model, new QuantizeOptions())).Code);
        Assert.Equal(["w"], model.Weights.Keys);
        Assert.Equal(opset, model.Proto.OpsetImport[0].Version);
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_a_coded_error()
    {
        using var model = Layer("Gemm");
        model.SetWeight("w", [4, 6], Weight.Select((value, index) => index == 5 ? float.NaN : value).ToArray());
        var error = Assert.Throws<PruneBuildException>(() => ModelQuantizer.Quantize(model, new QuantizeOptions()));
        Assert.Equal("PB2010", error.Code);
        Assert.Contains("index 5", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_that_is_a_graph_input_too_becomes_a_plain_value()
    {
        using var model = Layer("MatMul");
        model.Graph.Input.Add(new ValueInfoProto { Name = "w", Type = model.Graph.Input[0].Type.Clone() });
        ModelQuantizer.Quantize(model, new QuantizeOptions());
        Assert.Equal(4, TestModels.Run(model, "x", TestModels.Random(1, 6), [1, 6], "y").Length);
    }
}
