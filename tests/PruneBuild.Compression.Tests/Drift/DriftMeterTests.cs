using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Drift;
using PruneBuild.Compression.Quantization;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Tests.Drift;

public sealed class DriftMeterTests(ITestOutputHelper output)
{
    private const int Width = 8;

    [Fact]
    public void A_model_has_no_drift_against_itself()
    {
        using var model = Chain(1);
        using var meter = new DriftMeter(model, "model.onnx", Batches(), ["h", "y"], 1);
        var drift = meter.Measure(model);
        Assert.Equal((0.0, 1.0, 0.0, 20L), (drift.Logits.Kl!.Value, drift.Logits.Top1!.Value, drift.Logits.RelativeError, drift.Logits.Rows));
        Assert.Equal(1, drift.BlockCosine!.Value, 1e-12);
        Assert.Equal(0, drift.NonFinite);
        Assert.Equal(["h", "y"], drift.Blocks.Select(block => block.Name));
    }

    [Fact]
    public void Inner_values_are_those_of_the_edited_model_from_its_start()
    {
        using var model = Chain(1);
        using var edited = Chain(2);
        using var meter = new DriftMeter(model, "model.onnx", Batches(), ["h", "y"], 1);
        var drift = meter.Measure(edited);
        // Twice the first weight: twice h, and twice what follows from it.
        Assert.All(drift.Blocks, block => Assert.Equal(1, block.RelativeError!.Value, 1e-5));
        Assert.All(drift.Blocks, block => Assert.Equal(1, block.Cosine!.Value, 1e-6));
        Assert.Equal(1, drift.Logits.RelativeError, 1e-5);
        Assert.True(drift.Logits.Kl > 0);
    }

    [Fact]
    public void Values_that_are_gone_or_of_another_shape_say_so_and_infinite_ones_are_counted()
    {
        using var model = Chain(1);
        using var narrow = TestModels.Model(
            [TestModels.Node("MatMul", ["x", "v"], "h"), TestModels.Node("MatMul", ["h", "u"], "y")], [("x", [-1, Width])], ["y"],
            [("v", [Width, 2], TestModels.Random(1, Width * 2)), ("u", [2, Width], [.. Enumerable.Repeat(float.PositiveInfinity, 2 * Width)])]);
        using var meter = new DriftMeter(model, "model.onnx", Batches(), ["h", "g"], 1);
        var drift = meter.Measure(narrow);
        Assert.Equal(["it is [10, 2], the parent's is [10, 8]", "the edited model has no such value"], drift.Blocks.Select(block => block.Reason));
        Assert.Equal(20 * Width, drift.NonFinite);
        Assert.Equal(double.PositiveInfinity, drift.Logits.Kl);
        Assert.Null(drift.BlockCosine);
    }

    [Fact]
    public void Labels_of_cases_count_flips()
    {
        using var model = Chain(1);
        using var edited = Chain(-1);
        using var meter = new DriftMeter(model, "model.onnx", Batches(), [], 1);
        var labels = Batches().SelectMany(batch => TestModels.Run(model, "x", (float[])batch.Inputs["x"].Data, [10, Width], "y").Chunk(Width).Select(row => Array.IndexOf(row, row.Max()))).ToArray();
        var drift = meter.Measure(edited, labels);
        Assert.Equal((1.0, 1 - drift.Logits.Top1, 0.0), (drift.Logits.Labels!.ParentRight, drift.Logits.Labels.Lost, drift.Logits.Labels.Won));
        Assert.Equal("PB7005", Assert.Throws<PruneBuildException>(() => meter.Measure(edited, labels[..5])).Code);
    }

    [Fact]
    public void What_cannot_be_compared_is_a_coded_error()
    {
        using var model = Chain(1);
        Assert.Equal("PB3003", Assert.Throws<PruneBuildException>(() => new DriftMeter(model, "model.onnx", [], [], 1)).Code);
        using var whole = TestModels.Model([TestModels.Node("ArgMax", ["x"], "y")], [("x", [-1, Width])], ["y"], []);
        Assert.Equal("PB7005", Assert.Throws<PruneBuildException>(() => new DriftMeter(whole, "model.onnx", Batches(), [], 1)).Code);
        using var meter = new DriftMeter(model, "model.onnx", Batches(), [], 1);
        using var narrow = TestModels.Model([TestModels.Node("MatMul", ["x", "w"], "y")], [("x", [-1, Width])], ["y"], [("w", [Width, 2], new float[Width * 2])]);
        Assert.Equal("PB7005", Assert.Throws<PruneBuildException>(() => meter.Measure(narrow)).Code);
    }

    [Fact]
    public void Effects_and_what_is_not_additive()
    {
        static ModelDrift Of(double error, double kl, double? loss) => new(
            new LogitDrift(1, error, 0) { Kl = kl, Top1 = 1 - kl, Labels = loss is { } value ? new LabelDrift(1, 1, value, 0.9, 0.9 - kl, 0, 0) : null }, []);
        var found = Interactions.Of(Of(0.1, 0.2, 1.5), Of(0.2, 0.1, 1.25), Of(0.4, 0.25, 1.5));
        Assert.Equal(0.1, found.OutputError.Rest, 1e-12);
        Assert.Equal(-0.05, found.Kl!.Rest, 1e-12);
        Assert.Equal(-0.05, found.Flips!.Rest, 1e-12);
        Assert.Equal(-0.25, found.Loss!.Rest, 1e-12);
        Assert.Equal(0.25, found.Accuracy!.Both, 1e-12);
        Assert.Null(found.LayerError);
    }

    [Fact]
    public void Tokens_that_differ_end_the_agreement()
    {
        var drift = GenerationDrift.Of([[1, 2, 3], [4, 5, 6]], [[1, 9, 3], [4, 5, 6]]);
        Assert.Equal(new GenerationDrift(2, 3, 2, 0.5), drift);
    }

    [Fact]
    public void Fewer_bits_of_a_language_model_drift_further()
    {
        var path = SharedLanguageModel.Path;
        using var model = OnnxModel.Load(path);
        var batches = SharedLanguageModel.Calibration(4);
        var blocks = TransformerView.ResidualBlocks(model).Select(block => block.Output).ToList();
        using var meter = new DriftMeter(model, path, batches, blocks, 2);
        Assert.Equal("input_ids", meter.TokenInput);
        var drifts = new[] { 8, 4 }.Select(bits =>
        {
            using var edited = OnnxModel.Load(path);
            GroupModelQuantizer.Quantize(edited, new GroupQuantizeOptions { Format = new GroupFormat(bits, 32, true) });
            return meter.Measure(edited);
        }).ToList();
        output.WriteLine(string.Join("; ", drifts.Select(drift => $"KL {drift.Logits.Kl:0.00000} top-1 {drift.Logits.Top1:0.000} cosine {drift.BlockCosine:0.00000}")));
        Assert.Equal(10, drifts[0].Blocks.Count);
        Assert.True(drifts[0].Logits.Kl < 0.01 && drifts[0].Logits.Kl * 5 < drifts[1].Logits.Kl);
        Assert.True(drifts[0].BlockCosine > drifts[1].BlockCosine && drifts[0].Logits.Top1 > drifts[1].Logits.Top1);
        Assert.InRange(drifts[1].Logits.Labels!.ParentLoss, 1, 2);
        Assert.Equal(batches.Sum(batch => batch.Inputs["input_ids"].Data.Length - 1), drifts[1].Logits.Labels!.Rows);
    }

    [Fact]
    public void Greedy_continuations_feed_the_whole_prefix()
    {
        var path = SharedLanguageModel.Path;
        using var model = OnnxModel.Load(path);
        Assert.True(GreedyDecoding.CanContinue(model, "input_ids"));
        static CalibrationBatch Inputs(long[] tokens, int count, int length) =>
            new(new Dictionary<string, CalibrationTensor> { ["input_ids"] = new(tokens, [count, length]) });
        long[][] prompts = [.. SharedLanguageModel.Calibration(2).Select(batch => ((long[])batch.Inputs["input_ids"].Data)[..10])];
        IReadOnlyList<long[]> Continue(OnnxModel of, int tokens) => GreedyDecoding.Continue(of, path, Inputs, prompts, tokens, 2, CancellationToken.None);
        var whole = Continue(model, 6);
        Assert.Equal(whole.Select(text => text[..3]), Continue(model, 3));
        // The same text in two steps.
        prompts = [.. prompts.Zip(whole, (prompt, text) => prompt.Concat(text[..3]).ToArray())];
        Assert.Equal(whole.Select(text => text[3..]), Continue(model, 3));
        using var edited = OnnxModel.Load(path);
        GroupModelQuantizer.Quantize(edited, new GroupQuantizeOptions { Format = new GroupFormat(8, 32, true) });
        var drift = GenerationDrift.Of(Continue(model, 3), Continue(edited, 3));
        Assert.Equal((2, 3), (drift.Prompts, drift.Tokens));
        Assert.InRange(drift.MeanAgreement, 0, 3);
    }

    /// <summary>y = g second, g = relu(h), h = factor x first.</summary>
    private static OnnxModel Chain(float factor) => TestModels.Model(
        [TestModels.Node("MatMul", ["x", "first"], "h"), TestModels.Node("Relu", ["h"], "g"), TestModels.Node("MatMul", ["g", "second"], "y")], [("x", [-1, Width])], ["y"],
        [("first", [Width, Width], Array.ConvertAll(TestModels.Random(1, Width * Width), value => value * factor)), ("second", [Width, Width], TestModels.Random(2, Width * Width))]);

    private static CalibrationBatch[] Batches() => [.. Enumerable.Range(3, 2).Select(seed => TestModels.Batch("x", TestModels.Correlated(seed, 10, Width), 10, Width))];
}
