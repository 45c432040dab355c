using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Quantization;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Quantization;

public sealed class StaticQuantizerTests
{
    private static readonly float[] Images = TestModels.Random(7, 6 * 3 * 8 * 8);

    [Theory]
    [InlineData("min-max", false)]
    [InlineData("percentile", false)]
    [InlineData("entropy", true)]
    [InlineData("mse", false)]
    public void A_residual_network_computes_nearly_the_same_on_bytes(string method, bool isSymmetric)
    {
        using var dense = Residual();
        var expected = TestModels.Run(dense, "x", Images, [6, 3, 8, 8], "y");
        using var model = Residual();
        var reports = Quantize(model, new StaticQuantizeOptions { Method = RangeMethods.Get(method), Ranges = new RangeOptions(isSymmetric), BiasCorrection = true });
        Assert.All(reports, report => Assert.Null(report.Reason));
        Assert.Equal(["x", "r1", "c2", "r2", "g", "f"], Quantized(model));
        Assert.InRange(RelativeError(expected, TestModels.Run(model, "x", Images, [6, 3, 8, 8], "y")), 1e-5, 0.06);
    }

    [Fact]
    public void Nothing_depends_on_the_number_of_threads()
    {
        byte[] Bytes(int threads)
        {
            using var model = Residual();
            Quantize(model, new StaticQuantizeOptions { Threads = threads, Smooth = 0.5, BiasCorrection = true, Method = RangeMethods.Get("mse") });
            var path = Path.GetTempFileName();
            model.Save(path);
            var bytes = File.ReadAllBytes(path);
            File.Delete(path);
            return bytes;
        }
        Assert.Equal(Bytes(1), Bytes(3));
    }

    [Fact]
    public void Quantizing_twice_changes_nothing_more_and_says_so()
    {
        using var model = Residual();
        Quantize(model, new StaticQuantizeOptions());
        var before = model.Proto.Clone();
        var reports = Quantize(model, new StaticQuantizeOptions());
        Assert.All(reports, report => Assert.Equal("the weight is already quantized", report.Reason));
        Assert.Equal(before, model.Proto);
    }

    [Fact]
    public void Activations_that_are_quantized_already_stay_so()
    {
        using var model = TestModels.Model(
            [
                TestModels.Node("QuantizeLinear", ["x", "s", "z"], "q"), TestModels.Node("DequantizeLinear", ["q", "s", "z"], "d"),
                TestModels.Node("MatMul", ["d", "w"], "h"), TestModels.Node("MatMul", ["h", "v"], "y"),
            ],
            [("x", [-1, 4])], ["y"], [("s", [], [0.01f]), ("w", [4, 4], TestModels.Random(1, 16)), ("v", [4, 4], TestModels.Random(2, 16))]);
        model.SetWeight("z", PruneBuild.Graph.Onnx.TensorProto.Types.DataType.Uint8, [], [128]);
        var reports = Quantize(model, new StaticQuantizeOptions(), TestModels.Batch("x", TestModels.Random(3, 40), 10, 4));
        Assert.Equal(["activations stay float: the activations are already quantized", null], reports.Select(report => report.Reason));
        Assert.Equal(["x", "h"], Quantized(model));
    }

    [Fact]
    public void A_layer_behind_values_that_are_not_finite_stays_float_by_name()
    {
        using var model = TestModels.Model(
            [TestModels.Node("MatMul", ["x", "w"], "h"), TestModels.Node("Log", ["h"], "l"), TestModels.Node("MatMul", ["l", "v"], "y")],
            [("x", [-1, 4])], ["y"], [("w", [4, 4], TestModels.Random(1, 16)), ("v", [4, 4], TestModels.Random(2, 16))]);
        var reports = Quantize(model, new StaticQuantizeOptions { BiasCorrection = true }, TestModels.Batch("x", TestModels.Random(3, 40), 10, 4));
        Assert.Equal([null, "activations stay float: the activation 'l' holds values that are not finite"], reports.Select(report => report.Reason));
        Assert.Equal(["x"], Quantized(model));
    }

    [Theory]
    [InlineData(true, "not finite")]
    [InlineData(false, "no calibration case reached")]
    public void A_model_of_which_nothing_can_be_quantized_is_a_coded_error(bool hasData, string because)
    {
        using var model = TestModels.Model([TestModels.Node("MatMul", ["x", "w"], "y")], [("x", [-1, 2])], ["y"], [("w", [2, 2], [1, 2, 3, 4])]);
        CalibrationBatch[] batches = hasData ? [TestModels.Batch("x", [1, float.NaN], 1, 2)] : [];
        var error = Assert.Throws<PruneBuildException>(() => Quantize(model, new StaticQuantizeOptions(), batches));
        Assert.Equal("PB3030", error.Code);
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Skipped_layers_stay_float()
    {
        using var model = Residual();
        var reports = Quantize(model, new StaticQuantizeOptions { Weights = new QuantizeOptions { Skip = ["c1_node", "y_node"] } });
        Assert.Equal(["skipped by the recipe", null, "skipped by the recipe"], reports.Select(report => report.Reason));
        Assert.Equal(["r1", "c2"], Quantized(model));
    }

    [Fact]
    public void Bias_correction_takes_the_mean_error_of_rounded_weights_away()
    {
        // Coarse weights of one sign and inputs with means, so that rounding shifts every output.
        float[] weights = [.. TestModels.Random(1, 8 * 16).Select((value, index) => index % 16 == 0 ? 40 : value)];
        var rows = TestModels.Correlated(2, 400, 16);
        OnnxModel Model() => TestModels.Model(
            [TestModels.Node("Gemm", ["x", "w"], "y", ("transB", 1L))], [("x", [-1, 16])], ["y"], [("w", [8, 16], weights)]);
        double[] Shift(bool isCorrected)
        {
            using var dense = Model();
            using var model = Model();
            OnnxModel? floats = null;
            new StaticQuantizer(model, "model.onnx", new StaticQuantizeOptions { BiasCorrection = isCorrected }, () => [TestModels.Batch("x", rows, 400, 16)])
                .Quantize(ready => floats = ready.Snapshot());
            var (left, right) = (TestModels.Run(dense, "x", rows, [400, 16], "y"), TestModels.Run(floats!, "x", rows, [400, 16], "y"));
            return [.. Enumerable.Range(0, 8).Select(output => Math.Abs(Enumerable.Range(0, 400).Average(row => (double)left[(row * 8) + output] - right[(row * 8) + output])))];
        }
        Assert.True(Shift(false).Average() > 0.01);
        Assert.All(Shift(true), shift => Assert.Equal(0, shift, 1e-4));
    }

    [Fact]
    public void Bias_correction_of_a_convolution_counts_its_padding()
    {
        float[] weights = [.. TestModels.Random(1, 4 * 3 * 9).Select((value, index) => index % 27 == 0 ? 30 : value)];
        float[] images = [.. TestModels.Random(2, 5 * 3 * 6 * 6).Select(value => value + 1)];
        OnnxModel Model() => TestModels.Model(
            [TestModels.Node("Conv", ["x", "w"], "c", ("pads", new long[] { 1, 1, 1, 1 }), ("strides", new long[] { 2, 1 })), TestModels.Node("Neg", ["c"], "y")],
            [("x", [-1, 3, 6, 6])], ["y"], [("w", [4, 3, 3, 3], weights)]);
        using var dense = Model();
        using var model = Model();
        OnnxModel? floats = null;
        new StaticQuantizer(model, "model.onnx", new StaticQuantizeOptions { BiasCorrection = true }, () => [TestModels.Batch("x", images, 5, 3, 6, 6)])
            .Quantize(ready => floats = ready.Snapshot());
        var (left, right) = (TestModels.Run(dense, "x", images, [5, 3, 6, 6], "y"), TestModels.Run(floats!, "x", images, [5, 3, 6, 6], "y"));
        var positions = left.Length / 5 / 4;
        for (var channel = 0; channel < 4; channel++)
            Assert.Equal(0, Enumerable.Range(0, left.Length).Where(index => index / positions % 4 == channel).Average(index => (double)left[index] - right[index]), 1e-4);
    }

    [Fact]
    public void Smoothing_leaves_the_function_and_evens_out_the_channels()
    {
        float[] gamma = [1, 40, 1, 0.02f, 1, 1];
        OnnxModel Model() => TestModels.Model(
            [TestModels.Node("LayerNormalization", ["x", "gamma", "beta"], "n"), TestModels.Node("MatMul", ["n", "w"], "y")],
            [("x", [-1, 6])], ["y"], [("gamma", [6], gamma), ("beta", [6], TestModels.Random(2, 6)), ("w", [6, 5], TestModels.Random(3, 30))], opset: 17);
        var rows = TestModels.Random(4, 50 * 6);
        using var dense = Model();
        using var model = Model();
        var groups = new StaticQuantizer(model, "model.onnx", new StaticQuantizeOptions { Smooth = 0.5 }, () => [TestModels.Batch("x", rows, 50, 6)]).Smooth();
        Assert.Equal(("n_node", null), (groups[0].Name, groups[0].Reason));
        var (before, after) = (TestModels.Run(dense, "x", rows, [50, 6], "y"), TestModels.Run(model, "x", rows, [50, 6], "y"));
        Assert.InRange(RelativeError(before, after), 0, 1e-5);
        static double Spread(float[] values) => values.Max(Math.Abs) / values.Min(Math.Abs);
        Assert.True(Spread(model.Weights["gamma"].ReadSingles()) < 0.2 * Spread(gamma));
    }

    [Fact]
    public void Channels_that_cannot_be_smoothed_are_reported_with_the_reason()
    {
        using var model = TestModels.Model(
            [TestModels.Node("MatMul", ["x", "a"], "h"), TestModels.Node("Sigmoid", ["h"], "s"), TestModels.Node("MatMul", ["s", "w"], "y")],
            [("x", [-1, 6])], ["y"], [("a", [6, 6], TestModels.Random(1, 36)), ("w", [6, 5], TestModels.Random(3, 30))]);
        var groups = new StaticQuantizer(model, "model.onnx", new StaticQuantizeOptions { Smooth = 0.5 }, () => [TestModels.Batch("x", TestModels.Random(4, 60), 10, 6)]).Smooth();
        Assert.NotEmpty(groups);
        Assert.All(groups, group => Assert.NotNull(group.Reason));
    }

    private static IReadOnlyList<QuantizeReport> Quantize(OnnxModel model, StaticQuantizeOptions options, params CalibrationBatch[] batches)
    {
        CalibrationBatch[] data = model.Graph.Input[0].Type.TensorType.Shape.Dim.Count == 4 ? [TestModels.Batch("x", Images, 6, 3, 8, 8)] : batches;
        var run = new StaticQuantizer(model, "model.onnx", options, () => data);
        run.Smooth();
        return run.Quantize();
    }

    /// <summary>The values that become bytes, in the order of the graph.</summary>
    private static IEnumerable<string> Quantized(OnnxModel model) => model.Graph.Node.Where(node => node.OpType == "QuantizeLinear").Select(node => node.Input[0]);

    /// <summary>Two convolutions with a residual, a global pool and a Gemm.</summary>
    private static OnnxModel Residual() => TestModels.Model(
        [
            TestModels.Node("Conv", ["x", "w1", "b1"], "c1", ("pads", new long[] { 1, 1, 1, 1 })), TestModels.Node("Relu", ["c1"], "r1"),
            TestModels.Node("Conv", ["r1", "w2"], "c2", ("pads", new long[] { 1, 1, 1, 1 })), TestModels.Node("Add", ["c2", "r1"], "a"), TestModels.Node("Relu", ["a"], "r2"),
            TestModels.Node("GlobalAveragePool", ["r2"], "g"), TestModels.Node("Flatten", ["g"], "f"), TestModels.Node("Gemm", ["f", "w3", "b3"], "y"),
        ],
        [("x", [-1, 3, 8, 8])], ["y"],
        [
            ("w1", [5, 3, 3, 3], TestModels.Random(1, 5 * 27)), ("b1", [5], TestModels.Random(2, 5)), ("w2", [5, 5, 3, 3], TestModels.Random(3, 5 * 45)),
            ("w3", [5, 4], TestModels.Random(4, 20)), ("b3", [4], TestModels.Random(5, 4)),
        ]);

    private static double RelativeError(float[] expected, float[] actual) =>
        Math.Sqrt(expected.Zip(actual, (left, right) => Math.Pow((double)left - right, 2)).Sum() / expected.Sum(value => Math.Pow(value, 2)));
}
