using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Quantization;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Runtime;
using PruneBuild.Tests;

namespace PruneBuild.Compression.Tests.Quantization.Mixed;

public sealed class PrecisionSensitivityTests(ITestOutputHelper output)
{
    private const int Width = 32;

    private static readonly MixedOptions Unprotected = new() { Groups = new GroupQuantizeOptions { AccuracyLevel = 0 } };

    [Fact]
    public void A_layer_that_the_model_hardly_hears_loses_least_and_fewer_bits_lose_more()
    {
        using var model = Branches(quiet: 1e-2f);
        var found = PrecisionSensitivity.Measure(model, "model.onnx", Unprotected, Batches());
        Assert.Equal(["loud", "soft"], found.Select(weight => weight.Weight));
        Assert.All(found, weight => Assert.Equal(
            [WeightPrecision.FourBit, WeightPrecision.EightBit, WeightPrecision.FullPrecision], weight.Options.Select(option => option.Precision)));
        Assert.All(found, weight => Assert.True(weight.Options[0].Kl > 10 * weight.Options[1].Kl && weight.Options[2].Kl == 0));
        Assert.True(found[0].Options[0].Kl > 100 * found[1].Options[0].Kl);
        // Levels of half a byte and a float scale for 32 inputs of 32 outputs.
        Assert.Equal([(Width * Width / 2) + (4 * Width), (Width * Width) + (4 * Width), 4 * Width * Width], found[0].Options.Select(option => option.Bytes));
    }

    [Fact]
    public void The_sensitivity_is_the_divergence_of_the_model_with_that_weight_alone_quantized()
    {
        using var model = Branches(quiet: 1);
        var found = PrecisionSensitivity.Measure(model, "model.onnx", Unprotected, Batches());
        using var edited = Branches(quiet: 1);
        GroupModelQuantizer.Quantize(edited, Unprotected.Groups with { Skip = ["loud"] });
        using var divergence = new OutputDivergence(model, "model.onnx", Batches(), 1, CancellationToken.None);
        Assert.Equal(divergence.Of(edited, CancellationToken.None), found[1].Options[0].Kl, 1e-12);
    }

    [Fact]
    public void Kept_values_change_nothing_but_the_work()
    {
        var path = SharedLanguageModel.Path;
        using var model = OnnxModel.Load(path);
        var batches = SharedLanguageModel.Calibration(2);
        var options = new MixedOptions { Precisions = [WeightPrecision.FourBit], Groups = new GroupQuantizeOptions { Threads = 2 } };
        var found = PrecisionSensitivity.Measure(model, path, options, batches);
        using var divergence = new OutputDivergence(model, path, batches, 2, CancellationToken.None);
        foreach (var weight in new[] { found[0], found[17], found[^1] })
        {
            using var edited = OnnxModel.Load(path);
            MixedQuantizer.Quantize(edited, new Dictionary<string, WeightPrecision> { [weight.Weight] = WeightPrecision.FourBit }, options.Groups, null);
            output.WriteLine($"{weight.Layers[0]} {weight.Options[0].Kl:0.00000}");
            Assert.Equal(divergence.Of(edited, CancellationToken.None), weight.Options[0].Kl, 1e-9);
        }
        Assert.True(found.Max(weight => weight.Options[0].Kl) > 5 * found.Min(weight => weight.Options[0].Kl));
    }

    [Fact]
    public void Protected_skipped_and_named_layers_have_less_choice()
    {
        using var model = Chain();
        IReadOnlyList<WeightSensitivity> Choices(GroupQuantizeOptions groups, params WeightPrecision[] precisions) =>
            PrecisionSensitivity.Measure(model, "model.onnx", new MixedOptions { Groups = groups, Precisions = precisions }, Batches());
        static WeightPrecision[] Of(WeightSensitivity weight) => [.. weight.Options.Select(option => option.Precision)];
        var three = new[] { WeightPrecision.FourBit, WeightPrecision.EightBit, WeightPrecision.FullPrecision };
        var ends = Choices(new GroupQuantizeOptions { ProtectFirstLast = true }, three);
        Assert.Equal([2, 3, 2], ends.Select(weight => weight.Options.Count));
        Assert.Equal("the first or the last layer is protected", ends[0].Reason);
        Assert.Equal([[WeightPrecision.EightBit], [WeightPrecision.FourBit], [WeightPrecision.EightBit]],
            Choices(new GroupQuantizeOptions { ProtectFirstLast = true }, WeightPrecision.FourBit).Select(Of));
        Assert.Equal([[WeightPrecision.EightBit], [WeightPrecision.FullPrecision], three],
            Choices(new GroupQuantizeOptions { EightBit = ["w1"], Skip = ["w2"] }, three).Select(Of));
    }

    [Fact]
    public void A_convolution_has_8_bits_with_a_scale_for_each_output_or_floats()
    {
        using var model = TestModels.Model(
            [TestModels.Node("Conv", ["x", "w"], "h", ("kernel_shape", new long[] { 1, 1 })), TestModels.Node("Flatten", ["h"], "y")], [("x", [-1, 4, 2, 2])], ["y"],
            [("w", [4, 4, 1, 1], TestModels.Random(1, 16))]);
        var batch = TestModels.Batch("x", TestModels.Random(2, 5 * 16), 5, 4, 2, 2);
        var found = Assert.Single(PrecisionSensitivity.Measure(model, "model.onnx", Unprotected, [batch]));
        Assert.Equal([(WeightPrecision.EightBit, 16L + 16), (WeightPrecision.FullPrecision, 64)], found.Options.Select(option => (option.Precision, option.Bytes)));
        Assert.True(found.Options[0].Kl > 0);
        var copy = model.Snapshot();
        MixedQuantizer.Quantize(copy, new Dictionary<string, WeightPrecision> { ["w"] = WeightPrecision.EightBit }, Unprotected.Groups, null);
        Assert.Equal("DequantizeLinear", copy.Graph.Node[0].OpType);
    }

    [Fact]
    public void The_result_does_not_depend_on_threads_and_the_model_stays_as_it_is()
    {
        using var model = Chain();
        var before = model.Weights["w2"].ReadSingles();
        var statistics = TestModels.Calibrate(model, Batches());
        var runs = new[] { 1, 3 }.Select(threads => PrecisionSensitivity.Measure(
            model, "model.onnx", new MixedOptions { Groups = new GroupQuantizeOptions { Method = GroupQuantizers.Get("gptq"), Threads = threads } }, Batches(), statistics)
            .SelectMany(weight => weight.Options).ToList()).ToList();
        Assert.Equal(runs[0], runs[1]);
        Assert.Equal(before, model.Weights["w2"].ReadSingles());
        Assert.Equal(5, model.Graph.Node.Count);
    }

    [Fact]
    public void Missing_data_is_a_coded_error()
    {
        using var model = Chain();
        Assert.Equal("PB3003", Assert.Throws<PruneBuildException>(() => PrecisionSensitivity.Measure(model, "model.onnx", Unprotected, [])).Code);
        var gptq = new MixedOptions { Groups = new GroupQuantizeOptions { Method = GroupQuantizers.Get("gptq") } };
        Assert.Equal("PB3003", Assert.Throws<PruneBuildException>(() => PrecisionSensitivity.Measure(model, "model.onnx", gptq, Batches())).Code);
    }

    /// <summary>y = x loud + quiet x soft.</summary>
    private static OnnxModel Branches(float quiet) => TestModels.Model(
        [TestModels.Node("MatMul", ["x", "loud"], "p"), TestModels.Node("Mul", ["x", "factor"], "q"), TestModels.Node("MatMul", ["q", "soft"], "r"), TestModels.Node("Add", ["p", "r"], "y")],
        [("x", [-1, Width])], ["y"],
        [("loud", [Width, Width], TestModels.Random(1, Width * Width)), ("soft", [Width, Width], TestModels.Random(2, Width * Width)), ("factor", [1], [quiet])]);

    private static OnnxModel Chain() => TestModels.Model(
        [
            TestModels.Node("MatMul", ["x", "w1"], "h"), TestModels.Node("Relu", ["h"], "a"), TestModels.Node("MatMul", ["a", "w2"], "g"), TestModels.Node("Relu", ["g"], "b"),
            TestModels.Node("MatMul", ["b", "w3"], "y"),
        ],
        [("x", [-1, Width])], ["y"],
        [("w1", [Width, Width], TestModels.Random(1, Width * Width)), ("w2", [Width, Width], TestModels.Random(2, Width * Width)), ("w3", [Width, 5], TestModels.Random(3, Width * 5))]);

    private static CalibrationBatch[] Batches() => [.. Enumerable.Range(3, 2).Select(seed => TestModels.Batch("x", TestModels.Correlated(seed, 20, Width), 20, Width))];
}
