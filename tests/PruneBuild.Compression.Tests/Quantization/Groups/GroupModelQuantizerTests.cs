using PruneBuild.Compression.Quantization;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Tests.Quantization.Groups;

/// <summary>What ONNX Runtime's MatMulNBits computes with the packed weights.</summary>
public sealed class GroupModelQuantizerTests
{
    // Rounding to nearest with grids that cover the group, the same with clipping, real zero points.
    public static TheoryData<string, int, int, bool, int, int> Packings()
    {
        var data = new TheoryData<string, int, int, bool, int, int>();
        foreach (var method in new[] { "rtn", "hqq" })
            foreach (var bits in new[] { 4, 8 })
                foreach (var symmetric in new[] { true, false })
                    foreach (var (inputs, outputs, group) in new[] { (64, 8, 32), (70, 5, 16), (33, 7, 32), (96, 3, 32), (300, 9, 128), (20, 1, 256) })
                        data.Add(method, bits, group, symmetric, inputs, outputs);
        return data;
    }

    [Theory]
    [MemberData(nameof(Packings))]
    public void The_operator_reads_back_every_weight(string method, int bits, int group, bool symmetric, int inputs, int outputs)
    {
        var weights = TestModels.Random(inputs, inputs * outputs);
        AssertReadBack(method, new GroupFormat(bits, group, symmetric), inputs, outputs, weights);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Groups_of_zeros_of_one_value_and_of_one_sign(bool symmetric)
    {
        const int group = 16;
        float[] kinds = [.. new float[group], .. Enumerable.Repeat(0.3f, group), .. Enumerable.Repeat(-0.7f, group),
            .. TestModels.Random(1, group).Select(Math.Abs), .. TestModels.Random(2, group).Select(value => -Math.Abs(value))];
        // The file holds [inputs, outputs].
        float[] weights = [.. kinds.SelectMany(value => new[] { value, 2 * value, -value })];
        AssertReadBack("rtn", new GroupFormat(4, group, symmetric), kinds.Length, 3, weights);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("bias")]
    [InlineData("transposed")]
    [InlineData("row bias")]
    public void A_Gemm_keeps_its_bias(string kind)
    {
        OnnxModel Layer()
        {
            string[] inputs = kind == "plain" ? ["x", "w"] : ["x", "w", "b"];
            return TestModels.Model(
                [TestModels.Node("Gemm", inputs, "y", ("transB", kind == "transposed" ? 1L : 0L))], [("x", [-1, 48])], ["y"],
                [("w", kind == "transposed" ? [6, 48] : [48, 6], TestModels.Random(1, 48 * 6)), ("b", kind == "row bias" ? [1, 6] : [6], TestModels.Random(2, 6, 3))]);
        }
        using var quantized = Layer();
        Assert.Equal(4, Assert.Single(GroupModelQuantizer.Quantize(quantized, new GroupQuantizeOptions { AccuracyLevel = 0 })).Bits);
        using var reference = Layer();
        var site = WeightSites.Find(reference)[0];
        site.WriteMatrix(reference, new RoundToNearest().Quantize(new GroupProblem(site.ReadMatrix(reference), 6, 48, new GroupFormat(4, 32, IsSymmetric: true))).Dequantize());
        var x = TestModels.Random(3, 5 * 48);
        var (expected, actual) = (TestModels.Run(reference, "x", x, [5, 48], "y"), TestModels.Run(quantized, "x", x, [5, 48], "y"));
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.DoesNotContain("w", quantized.Weights.Keys);
    }

    [Fact]
    public void Rounded_activations_cost_less_than_the_weights_do()
    {
        var (inputs, outputs) = (256, 64);
        var weights = TestModels.Random(1, inputs * outputs);
        float[] Output(int level)
        {
            using var model = MatMul(inputs, outputs, weights);
            GroupModelQuantizer.Quantize(model, new GroupQuantizeOptions { AccuracyLevel = level });
            return TestModels.Run(model, "x", TestModels.Random(2, 16 * inputs), [16, inputs], "y");
        }
        using var dense = MatMul(inputs, outputs, weights);
        var exact = TestModels.Run(dense, "x", TestModels.Random(2, 16 * inputs), [16, inputs], "y");
        double Error(float[] one, float[] other) => Math.Sqrt(one.Zip(other, (left, right) => Math.Pow(left - right, 2)).Sum() / other.Sum(value => Math.Pow(value, 2)));
        var (weightError, activationError) = (Error(Output(0), exact), Error(Output(4), Output(0)));
        Assert.InRange(weightError, 0.02, 0.15);
        Assert.InRange(activationError, 0, 0.3 * weightError);
    }

    [Fact]
    public void Layers_that_stay_say_why_and_a_shared_weight_is_stored_once()
    {
        using var model = TestModels.Model(
            [
                TestModels.Node("MatMul", ["x", "w"], "a"), TestModels.Node("MatMul", ["a", "w"], "b"), TestModels.Node("MatMul", ["b", "v"], "c"),
                TestModels.Node("Gemm", ["c", "w"], "y", ("alpha", 0.5f)),
            ],
            [("x", [-1, 32])], ["y"], [("w", [32, 32], TestModels.Random(1, 1024)), ("v", [32, 32], TestModels.Random(2, 1024))]);
        var reports = GroupModelQuantizer.Quantize(model, new GroupQuantizeOptions { Skip = ["c_node"] });
        Assert.Equal([4, 4, 32, 32], reports.Select(report => report.Bits));
        Assert.Equal([null, null, "skipped by the recipe", "a Gemm with factors"], reports.Select(report => report.Reason));
        Assert.Equal(["v", "w", "w_Q4", "w_scales"], model.Weights.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(128, TestModels.Run(model, "x", TestModels.Random(3, 4 * 32), [4, 32], "y").Length);
    }

    [Fact]
    public void Named_layers_get_eight_bits()
    {
        using var model = MatMul(64, 16, TestModels.Random(1, 64 * 16));
        var report = Assert.Single(GroupModelQuantizer.Quantize(model, new GroupQuantizeOptions { EightBit = ["y*"] }));
        Assert.Equal(8, report.Bits);
        Assert.InRange(report.SignalToNoise!.Value, 40, 60);
    }

    [Fact]
    public void A_method_that_needs_inputs_says_so_without_them()
    {
        using var model = MatMul(32, 4, TestModels.Random(1, 128));
        var error = Assert.Throws<PruneBuildException>(() => GroupModelQuantizer.Quantize(model, new GroupQuantizeOptions { Method = new Gptq() }));
        Assert.Equal("PB3003", error.Code);
        Assert.Contains("w", model.Weights.Keys);
    }

    [Fact]
    public void A_weight_that_is_no_number_is_refused()
    {
        using var model = MatMul(32, 1, [.. Enumerable.Repeat(1f, 31), float.NaN]);
        Assert.Equal("PB2010", Assert.Throws<PruneBuildException>(() => GroupModelQuantizer.Quantize(model, new GroupQuantizeOptions())).Code);
    }

    [Fact]
    public void Calibration_gives_the_error_on_inputs_held_out()
    {
        using var model = MatMul(40, 12, TestModels.Random(1, 480));
        var statistics = TestModels.Calibrate(model, [.. Enumerable.Range(0, 4).Select(seed => TestModels.Batch("x", TestModels.Correlated(seed, 50, 40), 50, 40))]);
        double Error(IGroupQuantizer method)
        {
            var edited = model.Snapshot();
            return GroupModelQuantizer.Quantize(edited, new GroupQuantizeOptions { Method = method }, statistics)[0].RelativeError!.Value;
        }
        Assert.True(Error(new Gptq()) < Error(new RoundToNearest()));
    }

    private static void AssertReadBack(string method, GroupFormat format, int inputs, int outputs, float[] weights)
    {
        using var model = MatMul(inputs, outputs, weights);
        var expected = GroupQuantizers.Get(method).Quantize(
            new GroupProblem(WeightSites.Find(model)[0].ReadMatrix(model), outputs, inputs, format)).Dequantize();
        var report = Assert.Single(GroupModelQuantizer.Quantize(
            model, new GroupQuantizeOptions { Format = format, Method = GroupQuantizers.Get(method), AccuracyLevel = 0 }));
        Assert.Equal(format.Bits, report.Bits);
        Assert.Equal("MatMulNBits", Assert.Single(model.Graph.Node).OpType);
        var identity = new float[inputs * inputs];
        for (var input = 0; input < inputs; input++)
            identity[(input * inputs) + input] = 1;
        var read = TestModels.Run(model, "x", identity, [inputs, inputs], "y");
        for (var output = 0; output < outputs; output++)
            for (var input = 0; input < inputs; input++)
                Assert.Equal(expected[(output * inputs) + input], read[(input * outputs) + output], 2e-6f);
    }

    private static OnnxModel MatMul(int inputs, int outputs, float[] weights) => TestModels.Model(
        [TestModels.Node("MatMul", ["x", "w"], "y")], [("x", [-1, inputs])], ["y"], [("w", [inputs, outputs], weights)]);
}
