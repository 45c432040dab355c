using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Structured;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Tests.Structured;

public sealed class HiddenSizePrunerTests(ITestOutputHelper output)
{
    private const int Inputs = 6;
    private const int Hidden = 16;
    private const int Neurons = 12;
    private const int Outputs = 5;
    private const int Rows = 64;

    public static TheoryData<string> Forms => ["power", "reciprocal", "operator", "spelled"];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Normalizations_are_found_however_they_are_spelled(string form)
    {
        using var model = Residual(form);
        var found = Normalizations.Find(model);
        Assert.Equal(["h", "r0", "r1"], found.Select(norm => norm.Input));
        Assert.Equal(["n0", "n1", "n2"], found.Select(norm => norm.Output));
        Assert.Equal(["g0", "g1", "g2"], found.Select(norm => norm.Scale));
        Assert.All(found, norm => Assert.Equal(form is "operator" or "spelled", norm.IsCentered));
    }

    [Theory]
    [InlineData("power")]
    [InlineData("reciprocal")]
    public void Channels_that_are_zero_everywhere_go_without_a_trace(string form)
    {
        int[] zero = [2, 3, 11, 15];
        using var model = Residual(form, zero);
        var data = TestModels.Random(7, Rows * Inputs);
        var dense = TestModels.Run(model, "x", data, [Rows, Inputs], "y");
        var report = HiddenSizePruner.Prune(model, "model.onnx", [Batch(data)], new HiddenSizeOptions { Remaining = 0.75, Align = 1 });
        Assert.Equal(Enumerable.Range(0, Hidden).Except(zero), report.Kept);
        Assert.All(report.Scales, scale => Assert.Equal(Math.Sqrt(Hidden / 12.0), scale.Factor!.Value, 1e-9));
        Assert.Equal([Inputs, 12], model.Weights["e"].Shape);
        Assert.Equal([Neurons, 12], model.Weights["d1"].Shape);
        Assert.Equal([12], model.Weights["g2"].Shape);
        Assert.InRange(Difference(dense, TestModels.Run(model, "x", data, [Rows, Inputs], "y")), 0, 1e-5);

        using var uncorrected = Residual(form, zero);
        HiddenSizePruner.Prune(uncorrected, "model.onnx", [Batch(data)], new HiddenSizeOptions { Remaining = 0.75, Align = 1, CorrectScales = false });
        Assert.True(Difference(dense, TestModels.Run(uncorrected, "x", data, [Rows, Inputs], "y")) > 0.01);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void What_is_left_has_the_root_mean_square_that_it_had(string form)
    {
        // Channels of very different size: without those of the highest energy, what stays is divided by far less.
        using var model = Residual(form);
        var data = TestModels.Random(7, Rows * Inputs);
        var (mean, own) = (MeanSquare(model, data, "n0", [.. Enumerable.Range(0, 8)]), new[] { 0, 1, 2, 3, 4, 5, 6, 7 });
        HiddenSizePruner.Prune(model, "model.onnx", [Batch(data)], new HiddenSizeOptions { Channels = own });
        var corrected = MeanSquare(model, data, "n0", own);
        using var other = Residual(form);
        HiddenSizePruner.Prune(other, "model.onnx", [Batch(data)], new HiddenSizeOptions { Channels = own, CorrectScales = false });
        var uncorrected = MeanSquare(other, data, "n0", own);
        Assert.True(Math.Abs(corrected - mean) < 0.5 * Math.Abs(uncorrected - mean), $"{mean} before, {corrected} with factors, {uncorrected} without");
    }

    [Fact]
    public void Normalizations_that_share_a_scale_get_factors_of_their_own()
    {
        using var model = Residual("power", sharedScale: true);
        var dense = model.Weights["g0"].ReadSingles();
        var report = HiddenSizePruner.Prune(model, "model.onnx", [Batch(TestModels.Random(7, Rows * Inputs))], new HiddenSizeOptions { Remaining = 0.5 });
        var norms = Normalizations.Find(model);
        Assert.Equal(3, norms.Select(norm => norm.Scale).Distinct().Count());
        Assert.Equal(3, report.Scales.Select(scale => scale.Factor).Distinct().Count());
        foreach (var (norm, scale) in norms.Zip(report.Scales))
            Assert.Equal(report.Kept.Select(channel => (float)(dense[channel] * scale.Factor!.Value)), model.Weights[norm.Scale].ReadSingles());
    }

    [Fact]
    public void An_embedding_that_is_the_output_layer_as_well_is_cut_once()
    {
        int[] zero = [0, 5, 6, 14];
        using var model = Tied(zero);
        float[] tokens = [.. Enumerable.Range(0, 3 * 4).Select(place => (float)(place * 5 % Inputs))];
        var dense = TestModels.Run(model, "x", tokens, [3, 4], "y");
        HiddenSizePruner.Prune(model, "model.onnx", [TestModels.Batch("x", tokens, 3, 4)], new HiddenSizeOptions { Remaining = 0.75, Align = 4 });
        Assert.Equal([Inputs, 12], model.Weights["e"].Shape);
        Assert.InRange(Difference(dense, TestModels.Run(model, "x", tokens, [3, 4], "y")), 0, 1e-5);
    }

    [Fact]
    public void A_stream_that_is_summed_in_another_way_is_refused()
    {
        using var model = Residual("power", sum: true);
        var before = model.Proto.Clone();
        var error = Assert.Throws<PruneBuildException>(() => HiddenSizePruner.Prune(model, "model.onnx", [Batch(TestModels.Random(7, Rows * Inputs))], new HiddenSizeOptions()));
        Assert.Equal("PB3020", error.Diagnostic.Code);
        Assert.Contains("ReduceSum", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, model.Proto);
    }

    [Fact]
    public void Importance_takes_the_mean_over_a_sequence_and_the_square_sum_over_samples()
    {
        // Two samples of two rows and two channels: means of magnitudes 2 and 1, then 4 and 0.
        var sums = new double[2];
        ChannelEnergy.Add([1, -1, -3, 1, 4, 0, 4, 0], 2, sums);
        Assert.Equal([20.0, 1.0], sums);
    }

    [Fact]
    public void A_language_model_loses_least_with_corrected_scales_and_the_important_channels()
    {
        var path = SharedLanguageModel.Path;
        var batches = SharedLanguageModel.Calibration(24);
        double Loss(HiddenSizeOptions options)
        {
            using var model = OnnxModel.Load(path);
            var report = HiddenSizePruner.Prune(model, path, batches, options);
            Assert.Equal(11, report.Scales.Count);
            Assert.All(report.Scales, scale => Assert.Null(scale.Reason));
            Assert.Equal(report.Kept.Count, model.Weights["model.embed_tokens.weight"].Shape[1]);
            return SharedLanguageModel.Loss(model);
        }
        using var dense = OnnxModel.Load(path);
        var (chosen, plain) = (Loss(new HiddenSizeOptions { Remaining = 0.875 }), Loss(new HiddenSizeOptions { Remaining = 0.875, CorrectScales = false }));
        var random = Enumerable.Range(0, 3).Select(seed =>
        {
            var channels = Enumerable.Range(0, 64).ToArray();
            new Random(seed).Shuffle(channels);
            return Loss(new HiddenSizeOptions { Channels = channels[..56] });
        }).ToList();
        output.WriteLine($"dense {SharedLanguageModel.Loss(dense):0.000}, 56 of 64 channels {chosen:0.000}, scales as they were {plain:0.000}, random channels {string.Join(" ", random.Select(loss => loss.ToString("0.000", null)))}");
        Assert.True(chosen < plain);
        Assert.All(random, loss => Assert.True(chosen < loss));
    }

    private static CalibrationBatch Batch(float[] data) => TestModels.Batch("x", data, Rows, Inputs);

    private static double Difference(float[] expected, float[] actual) =>
        expected.Zip(actual, (left, right) => Math.Abs((double)left - right)).Max() / expected.Max(value => Math.Abs(value));

    /// <summary>Of the first so many channels of a normalization's result.</summary>
    private static double MeanSquare(OnnxModel model, float[] data, string value, int[] channels)
    {
        var copy = model.Snapshot();
        copy.Graph.Output.Add(new ValueInfoProto { Name = value });
        var values = TestModels.Run(copy, "x", data, [Rows, Inputs], value);
        return ChannelEnergy.MeanSquare(values, values.Length / Rows, channels, isCentered: false) / Rows;
    }

    /// <summary>An embedding, two blocks h + tanh(norm(h) U) D, and a normalization before the output.</summary>
    private static OnnxModel Residual(string form, int[]? zero = null, bool sharedScale = false, bool sum = false)
    {
        var nodes = new List<NodeProto> { TestModels.Node("MatMul", ["x", "e"], "h") };
        var weights = new List<(string, long[], float[])> { ("e", [Inputs, Hidden], Columns(1, Inputs, zero)) };
        var hidden = "h";
        for (var block = 0; block < 2; block++)
        {
            Norm(form, nodes, weights, hidden, block, sharedScale);
            nodes.Add(TestModels.Node("MatMul", [$"n{block}", $"u{block}"], $"m{block}"));
            nodes.Add(TestModels.Node("Tanh", [$"m{block}"], $"t{block}"));
            nodes.Add(TestModels.Node("MatMul", [$"t{block}", $"d{block}"], $"f{block}"));
            nodes.Add(TestModels.Node("Add", [hidden, $"f{block}"], $"r{block}"));
            weights.Add(($"u{block}", [Hidden, Neurons], TestModels.Random(10 + block, Hidden * Neurons, 0.5)));
            weights.Add(($"d{block}", [Neurons, Hidden], Columns(20 + block, Neurons, zero)));
            hidden = $"r{block}";
        }
        Norm(form, nodes, weights, hidden, 2, sharedScale);
        nodes.Add(TestModels.Node("MatMul", ["n2", "w"], "y"));
        weights.Add(("w", [Hidden, Outputs], TestModels.Random(9, Hidden * Outputs)));
        if (sum)
            nodes.Add(TestModels.Node("ReduceSum", [hidden, "last"], "s"));
        var model = TestModels.Model(nodes, [("x", [-1, Inputs])], sum ? ["y", "s"] : ["y"], [.. weights], opset: 17);
        model.SetWeight("last", TensorProto.Types.DataType.Int64, [1], BitConverter.GetBytes(-1L));
        return model;
    }

    /// <summary>Tokens through an embedding, a block, and the embedding's transpose.</summary>
    private static OnnxModel Tied(int[] zero)
    {
        var nodes = new List<NodeProto> { TestModels.Node("Cast", ["x"], "ids", ("to", 7L)), TestModels.Node("Gather", ["e", "ids"], "h", ("axis", 0L)) };
        var weights = new List<(string, long[], float[])>
        {
            ("e", [Inputs, Hidden], Columns(1, Inputs, zero)), ("u", [Hidden, Neurons], TestModels.Random(10, Hidden * Neurons)), ("d", [Neurons, Hidden], Columns(20, Neurons, zero)),
        };
        Norm("power", nodes, weights, "h", 0, sharedScale: false);
        nodes.Add(TestModels.Node("MatMul", ["n0", "u"], "m"));
        nodes.Add(TestModels.Node("Tanh", ["m"], "t"));
        nodes.Add(TestModels.Node("MatMul", ["t", "d"], "f"));
        nodes.Add(TestModels.Node("Add", ["h", "f"], "r"));
        Norm("power", nodes, weights, "r", 1, sharedScale: false);
        nodes.Add(TestModels.Node("Transpose", ["e"], "et", ("perm", new long[] { 1, 0 })));
        nodes.Add(TestModels.Node("MatMul", ["n1", "et"], "y"));
        return TestModels.Model(nodes, [("x", [-1, 4])], ["y"], [.. weights], opset: 17);
    }

    private static void Norm(string form, List<NodeProto> nodes, List<(string, long[], float[])> weights, string x, int number, bool sharedScale)
    {
        var (p, scale) = ($"norm{number}.", sharedScale ? "g0" : $"g{number}");
        if (weights.All(weight => weight.Item1 != scale))
            weights.Add((scale, [Hidden], [.. TestModels.Random(30 + number, Hidden, 0.5).Select(value => 1 + value)]));
        if (weights.All(weight => weight.Item1 != "eps"))
            weights.AddRange([("eps", [], [1e-9f]), ("two", [], [2]), ("b", [Hidden], TestModels.Random(40, Hidden, 0.1))]);
        if (form == "operator")
        {
            nodes.Add(TestModels.Node("LayerNormalization", [x, scale, "b"], $"n{number}", ("axis", -1L), ("epsilon", 1e-9f)));
            return;
        }
        var v = x;
        if (form == "spelled")
        {
            nodes.Add(TestModels.Node("ReduceMean", [x], $"{p}mean", ("axes", new long[] { -1 })));
            nodes.Add(TestModels.Node("Sub", [x, $"{p}mean"], v = $"{p}centered"));
        }
        if (form == "reciprocal")
            nodes.Add(TestModels.Node("Cast", [x], v = $"{p}cast", ("to", 1L)));
        nodes.Add(form == "reciprocal" ? TestModels.Node("Mul", [v, v], $"{p}square") : TestModels.Node("Pow", [v, "two"], $"{p}square"));
        nodes.Add(TestModels.Node("ReduceMean", [$"{p}square"], $"{p}ms", ("axes", new long[] { -1 })));
        nodes.Add(TestModels.Node("Add", [$"{p}ms", "eps"], $"{p}safe"));
        nodes.Add(TestModels.Node("Sqrt", [$"{p}safe"], $"{p}root"));
        if (form == "reciprocal")
        {
            nodes.Add(TestModels.Node("Reciprocal", [$"{p}root"], $"{p}inverse"));
            nodes.Add(TestModels.Node("Mul", [v, $"{p}inverse"], $"{p}wide"));
            nodes.Add(TestModels.Node("Cast", [$"{p}wide"], $"{p}unit", ("to", 1L)));
            nodes.Add(TestModels.Node("Mul", [scale, $"{p}unit"], $"n{number}"));
            return;
        }
        nodes.Add(TestModels.Node("Div", [v, $"{p}root"], $"{p}unit"));
        nodes.Add(TestModels.Node("Mul", [$"{p}unit", scale], form == "spelled" ? $"{p}scaled" : $"n{number}"));
        if (form == "spelled")
            nodes.Add(TestModels.Node("Add", [$"{p}scaled", "b"], $"n{number}"));
    }

    /// <summary>Columns grow from the first channel to the last; some are zero.</summary>
    private static float[] Columns(int seed, int rows, int[]? zero) =>
        [.. TestModels.Random(seed, rows * Hidden).Select((value, index) => zero?.Contains(index % Hidden) == true ? 0 : value * (0.3f + (0.1f * (index % Hidden))))];
}
