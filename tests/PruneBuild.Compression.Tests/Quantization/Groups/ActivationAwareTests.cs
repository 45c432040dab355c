using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Quantization;
using PruneBuild.Compression.Redistribution;
using PruneBuild.Compression.Statistics;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Tests.Quantization.Groups;

/// <summary>AWQ on small models whose inputs have a few channels a hundred times as large as the others.</summary>
public sealed class ActivationAwareTests
{
    private const int Features = 64;
    private const int Hidden = 48;

    [Theory]
    [InlineData("gain")]
    [InlineData("one plus gain")]
    [InlineData("layer norm")]
    public void The_float_function_stays_and_the_rounded_one_comes_nearer(string kind)
    {
        using var model = Normalized(kind);
        var rows = Rows(9, 30);
        var before = TestModels.Run(model, "x", rows, [30, Features], "y");
        using var plain = model.Snapshot();
        var statistics = Calibrate(model);
        var (scaled, groups) = new ActivationAwareScaling(Options("rtn")).Apply(model, statistics);
        Assert.Equal(2, groups.Count(group => group.Reason is null));
        AssertClose(before, TestModels.Run(model, "x", rows, [30, Features], "y"), 1e-5);

        GroupModelQuantizer.Quantize(plain, Options("rtn"), statistics);
        GroupModelQuantizer.Quantize(model, Options("rtn"), scaled);
        var (nearest, aware) = (Error(before, TestModels.Run(plain, "x", rows, [30, Features], "y")), Error(before, TestModels.Run(model, "x", rows, [30, Features], "y")));
        Assert.True(aware < 0.9 * nearest, $"{aware} against {nearest}");
    }

    [Fact]
    public void The_statistics_are_those_of_the_scaled_model()
    {
        using var model = Normalized("gain");
        var scaled = new ActivationAwareScaling(Options("rtn")).Apply(model, Calibrate(model)).Statistics!;
        var again = Calibrate(model);
        foreach (var site in WeightSites.Find(model))
        {
            var (ours, measured) = (scaled.For(site).Fit[0], again.For(site).Fit[0]);
            for (var input = 0; input < site.Inputs; input++)
                Assert.Equal(measured.Gram(input, input), ours.Gram(input, input), 1e-3 * Math.Max(1e-3, measured.Gram(input, input)));
        }
    }

    [Fact]
    public void A_group_that_nothing_quantized_reads_is_left_alone_with_the_reason()
    {
        using var model = Normalized("gain");
        var weights = model.Weights.Values.ToDictionary(weight => weight.Name, weight => weight.ReadSingles());
        var groups = new ActivationAwareScaling(Options("rtn") with { Skip = ["*"] }).Apply(model, Calibrate(model)).Groups;
        Assert.All(groups, group => Assert.NotNull(group.Reason));
        Assert.Contains(groups, group => group.Reason!.Contains("no layer whose weights are quantized", StringComparison.Ordinal));
        Assert.All(weights, pair => Assert.Equal(pair.Value, model.Weights[pair.Key].ReadSingles()));
    }

    [Fact]
    public void Channels_that_are_always_zero_keep_their_scale()
    {
        using var model = Normalized("gain", dead: 5);
        var gain = model.Weights["gain"].ReadSingles();
        var (rows, before) = (Rows(9, 30), TestModels.Run(model, "x", Rows(9, 30), [30, Features], "y"));
        Assert.Contains(new ActivationAwareScaling(Options("rtn")).Apply(model, Calibrate(model)).Groups, group => group.Reason is null);
        Assert.All(model.Weights.Values, weight => Assert.Equal(-1, weight.FirstNonFinite()));
        Assert.NotEqual(gain, model.Weights["gain"].ReadSingles());
        AssertClose(before, TestModels.Run(model, "x", rows, [30, Features], "y"), 1e-5);
    }

    [Fact]
    public void Inputs_of_one_size_need_no_scale()
    {
        // With all channels alike every power of their size is the same scale.
        using var model = TestModels.Model(
            [TestModels.Node("Mul", ["x", "gain"], "n"), TestModels.Node("MatMul", ["n", "w"], "y")], [("x", [-1, Features])], ["y"],
            [("gain", [Features], [.. Enumerable.Repeat(1f, Features)]), ("w", [Features, Hidden], TestModels.Random(1, Features * Hidden))]);
        float[] signs = [.. TestModels.Random(3, 60 * Features).Select(value => value < 0 ? -1f : 1)];
        var groups = new ActivationAwareScaling(Options("rtn")).Apply(model, TestModels.Calibrate(model, TestModels.Batch("x", signs, 60, Features))).Groups;
        Assert.Equal("no scale makes the rounding cost less", Assert.Single(groups, group => group.Name == "n_node").Reason);
    }

    [Fact]
    public void Thread_counts_do_not_change_a_bit()
    {
        float[][] Weights(int threads)
        {
            using var model = Normalized("gain");
            new ActivationAwareScaling(Options("awq") with { Threads = threads }).Apply(model, Calibrate(model));
            return [.. model.Weights.Values.Select(weight => weight.ReadSingles())];
        }
        Assert.Equal(Weights(1), Weights(3));
    }

    [Fact]
    public void The_range_is_the_one_at_which_the_output_moves_least()
    {
        // One weight of a group is large, but its input is next to nothing: clipping it makes the others finer at no cost.
        float[] weights = [.. TestModels.Random(1, 16, 0.1)];
        weights[3] = 1;
        var statistics = new InputStatistics(16);
        statistics.Add([.. TestModels.Random(2, 16 * 200).Select((value, index) => index % 16 == 3 ? 1e-4f * value : value)]);
        var problem = new GroupProblem(weights, 1, 16, new GroupFormat(4, 16, IsSymmetric: true)) { Statistics = statistics };
        var (clipped, full) = (new ActivationAwareClip().Quantize(problem), new RoundToNearest().Quantize(problem));
        Assert.InRange(clipped.Scales[0] / full.Scales[0], 0.549, 0.71);
        var quiet = problem with { Statistics = InputStatistics.Merged([statistics]) };
        // Where the input is loud, nothing is clipped, and never for queries and keys.
        statistics.Add([.. Enumerable.Range(0, 16 * 400).Select(index => index % 16 == 3 ? 30f : 0)]);
        Assert.Equal(full.Scales, new ActivationAwareClip().Quantize(problem).Scales);
        Assert.Equal(full.Scales, new ActivationAwareClip().Quantize(quiet with { MakesScores = true }).Scales);
    }

    [Fact]
    public void Without_calibration_it_says_so()
    {
        using var model = Normalized("gain");
        Assert.Equal("PB3003", Assert.Throws<PruneBuildException>(() => new ActivationAwareScaling(Options("awq")).Apply(model, null)).Code);
    }

    private static GroupQuantizeOptions Options(string method) => new() { Method = GroupQuantizers.Get(method), AccuracyLevel = 0, Threads = 2 };

    /// <summary>A normalization, two layers that read it, and one that reads the product of both.</summary>
    private static OnnxModel Normalized(string kind, int dead = -1)
    {
        NodeProto[] normalize = kind switch
        {
            "layer norm" => [TestModels.Node("LayerNormalization", ["x", "gain", "shift"], "n")],
            _ => [
                TestModels.Node("Mul", ["x", "x"], "square"), TestModels.Node("ReduceMean", ["square"], "mean", ("axes", new long[] { -1 })), TestModels.Node("Add", ["mean", "epsilon"], "positive"),
                TestModels.Node("Sqrt", ["positive"], "root"), TestModels.Node("Div", ["x", "root"], "unit"),
                .. kind == "gain" ? (NodeProto[])[] : [TestModels.Node("Add", ["gain", "one"], "gain1")],
                TestModels.Node("Mul", ["unit", kind == "gain" ? "gain" : "gain1"], "n"),
            ],
        };
        var gain = TestModels.Random(4, Features).Select((value, channel) => channel == dead ? 0 : (kind == "one plus gain" ? -1 : 0) + (channel % 9 == 0 ? 60 : 1) * (1 + (0.2f * value))).ToArray();
        return TestModels.Model(
            [
                .. normalize, TestModels.Node("MatMul", ["n", "wg"], "g"), TestModels.Node("Sigmoid", ["g"], "s"), TestModels.Node("MatMul", ["n", "wu"], "u"),
                TestModels.Node("Mul", ["s", "u"], "h"), TestModels.Node("MatMul", ["h", "wd"], "y"),
            ],
            [("x", [-1, Features])], ["y"],
            [
                ("gain", [Features], gain), ("shift", [Features], TestModels.Random(5, Features)), ("one", [], [1]), ("epsilon", [], [1e-6f]),
                ("wg", [Features, Hidden], TestModels.Random(1, Features * Hidden, 0.1)), ("wu", [Features, Hidden], TestModels.Random(2, Features * Hidden, 0.1)),
                ("wd", [Hidden, 20], TestModels.Random(3, Hidden * 20)),
            ], opset: 17);
    }

    private static float[] Rows(int seed, int count) => TestModels.Correlated(seed, count, Features);

    private static CalibrationStatistics Calibrate(OnnxModel model) => TestModels.Calibrate(
        model, [.. Enumerable.Range(2, 4).Select(seed => TestModels.Batch("x", Rows(seed, 80), 80, Features))]);

    private static double Error(float[] exact, float[] near) =>
        Math.Sqrt(exact.Zip(near, (left, right) => Math.Pow(left - right, 2)).Sum() / exact.Sum(value => Math.Pow(value, 2)));

    private static void AssertClose(float[] expected, float[] actual, double relative)
    {
        var scale = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, relative * scale));
    }
}
