using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Recovery;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Pruning;

public sealed class ModelPrunerTests
{
    private const int Features = 24;
    private const int Outputs = 16;
    private static readonly float[] Weight = TestModels.Random(1, Features * Outputs);
    private static readonly float[] Even = TestModels.Correlated(2, 200, Features);
    private static readonly float[] Odd = TestModels.Correlated(3, 200, Features);

    private static readonly PruneOptions Half = new() { Pattern = SparsityPattern.Parse("8x4"), Sparsity = 0.5 };

    private static OnnxModel Layer(string kind)
    {
        (string, long[], float[]) transposed = ("w", [Features, Outputs], Weight);
        (string, long[], float[]) bias = ("c", [Outputs], TestModels.Random(8, Outputs));
        (string, long[])[] input = [("x", [-1, Features])];
        return kind switch
        {
            "MatMul" => TestModels.Model([TestModels.Node("MatMul", ["x", "w"], "y")], input, ["y"], [transposed]),
            "MatMul+Add" => TestModels.Model([TestModels.Node("MatMul", ["x", "w"], "p"), TestModels.Node("Add", ["c", "p"], "y")], input, ["y"], [transposed, bias]),
            "Gemm" => TestModels.Model([TestModels.Node("Gemm", ["x", "w"], "y")], input, ["y"], [transposed]),
            "Gemm+C" => TestModels.Model(
                [TestModels.Node("Gemm", ["x", "w", "c"], "y", ("transB", 1L), ("alpha", 0.5f), ("beta", 2f))], input, ["y"], [("w", [Outputs, Features], Weight), bias]),
            "Gemm+scalar" => TestModels.Model(
                [TestModels.Node("Gemm", ["x", "w", "s"], "y", ("alpha", 0.5f), ("beta", 0f))], input, ["y"], [transposed, ("s", [], [3])]),
            "Conv" => TestModels.Model([TestModels.Node("Conv", ["x", "w"], "y")], [("x", [-1, Features, 1, 1])], ["y"], [("w", [Outputs, Features, 1, 1], Weight)]),
            "Conv+B" => TestModels.Model([TestModels.Node("Conv", ["x", "w", "c"], "y")], [("x", [-1, Features, 1, 1])], ["y"], [("w", [Outputs, Features, 1, 1], Weight), bias]),
            "Conv2x2" => TestModels.Model([TestModels.Node("Conv", ["x", "w"], "y")], [("x", [-1, 6, 2, 2])], ["y"], [("w", [Outputs, 6, 2, 2], Weight)]),
            "Conv2x2+groups" => TestModels.Model(
                [TestModels.Node("Conv", ["x", "w"], "y", ("group", 2L))], [("x", [-1, 6, 2, 2])], ["y"], [("w", [2 * Outputs, 3, 2, 2], Weight)]),
            _ => throw new ArgumentException("unknown layer", nameof(kind)),
        };
    }

    private static long[] Shape(string kind) =>
        kind.StartsWith("Conv2x2", StringComparison.Ordinal) ? [200, 6, 2, 2]
        : kind.StartsWith("Conv", StringComparison.Ordinal) ? [200, Features, 1, 1] : [200, Features];

    private static double SquaredDistance(float[] left, float[] right) =>
        left.Zip(right, (a, b) => ((double)a - b) * ((double)a - b)).Sum();

    [Theory]
    [InlineData("MatMul")]
    [InlineData("MatMul+Add")]
    [InlineData("Gemm")]
    [InlineData("Gemm+C")]
    [InlineData("Gemm+scalar")]
    [InlineData("Conv")]
    [InlineData("Conv+B")]
    [InlineData("Conv2x2")]
    [InlineData("Conv2x2+groups")]
    public void Each_recovery_brings_the_output_of_ONNX_Runtime_closer_to_the_dense_one(string kind)
    {
        using var dense = Layer(kind);
        var expected = TestModels.Run(dense, "x", Odd, Shape(kind), "y");
        var errors = new List<double>();
        foreach (var recovery in new[] { RecoveryMethod.None, RecoveryMethod.Bias, RecoveryMethod.LeastSquares })
        {
            using var model = Layer(kind);
            var statistics = TestModels.Calibrate(model, TestModels.Batch("x", Even, Shape(kind)), TestModels.Batch("x", Odd, Shape(kind)));
            var report = Assert.Single(ModelPruner.Prune(model, Half with { Recovery = recovery }, statistics));
            Assert.Equal(0.5, report.Sparsity);
            Assert.Equal(recovery.Name(), report.Recovery);
            Assert.Null(report.Reason);
            Assert.True(recovery == RecoveryMethod.None || report.RelativeErrorRecovered < report.RelativeErrorPruned);
            errors.Add(SquaredDistance(expected, TestModels.Run(model, "x", Odd, Shape(kind), "y")));
        }
        Assert.True(errors[1] < 0.9 * errors[0] && errors[2] < 0.5 * errors[1], string.Join(" ", errors));
    }

    [Theory]
    [InlineData("MatMul")]
    [InlineData("Gemm+C")]
    [InlineData("Conv")]
    [InlineData("Conv2x2")]
    public void Sparsity_zero_changes_no_bit_of_the_output(string kind)
    {
        using var model = Layer(kind);
        var before = TestModels.Run(model, "x", Odd, Shape(kind), "y");
        var statistics = TestModels.Calibrate(model, TestModels.Batch("x", Even, Shape(kind)), TestModels.Batch("x", Odd, Shape(kind)));
        ModelPruner.Prune(model, Half with { Sparsity = 0, Recovery = RecoveryMethod.LeastSquares }, statistics);
        Assert.Equal(before, TestModels.Run(model, "x", Odd, Shape(kind), "y"));
    }

    [Theory]
    [InlineData("unstructured", 0.5)]
    [InlineData("2:4", 0.5)]
    [InlineData("8x1", 0.5)]
    [InlineData("4:16", 0.75)]
    public void Pruning_without_recovery_needs_no_statistics(string pattern, double sparsity)
    {
        using var model = Layer("MatMul");
        // 24 inputs are a whole group of 16 and a tail of 8, which keeps two.
        Assert.Equal(sparsity, Assert.Single(ModelPruner.Prune(model, new PruneOptions { Pattern = SparsityPattern.Parse(pattern) })).Sparsity);
    }

    [Theory]
    [InlineData("2:4", 1, 2)]
    [InlineData("8x4", 8, 0)]
    public void The_inputs_of_a_block_of_a_convolution_are_channels_at_one_kernel_position(string pattern, int outputs, int kept)
    {
        const int channels = 8, positions = 6;
        using var model = TestModels.Model(
            [TestModels.Node("Conv", ["x", "w"], "y")], [("x", [-1, channels, 4, 4])], ["y"],
            [("w", [Outputs, channels, 2, 3], TestModels.Random(1, Outputs * channels * positions))]);
        ModelPruner.Prune(model, Half with { Pattern = SparsityPattern.Parse(pattern) });
        var stored = model.Weights["w"].ReadSingles();
        var blocks = from output in Enumerable.Range(0, Outputs)
                     from channel in Enumerable.Range(0, channels)
                     from position in Enumerable.Range(0, positions)
                     group stored[(((output * channels) + channel) * positions) + position] by (output / outputs, channel / 4, position);
        var survivors = blocks.Select(block => block.Count(weight => weight != 0)).ToList();
        Assert.All(survivors, count => Assert.Contains(count, kept > 0 ? [kept] : new[] { 0, 4 * outputs }));
        Assert.Equal(stored.Length / 2, survivors.Sum());
    }

    [Fact]
    public void The_report_measures_the_error_on_held_out_data()
    {
        using var model = Layer("MatMul");
        var statistics = TestModels.Calibrate(model, TestModels.Batch("x", Even, 200, Features), TestModels.Batch("x", Odd, 200, Features));
        var dense = TestModels.Run(model, "x", Odd, [200, Features], "y");
        var report = Assert.Single(ModelPruner.Prune(model, Half, statistics));
        var pruned = TestModels.Run(model, "x", Odd, [200, Features], "y");
        Assert.Equal(Math.Sqrt(SquaredDistance(dense, pruned) / dense.Sum(value => (double)value * value)), report.RelativeErrorPruned!.Value, 1e-4);
    }

    [Fact]
    public void Wanda_needs_statistics_and_uses_them()
    {
        using var model = Layer("MatMul");
        var options = Half with { Criterion = new Wanda() };
        Assert.Equal("PB3003", Assert.Throws<PruneBuildException>(() => ModelPruner.Prune(model, options)).Code);
        var statistics = TestModels.Calibrate(model, TestModels.Batch("x", Even, 200, Features));
        Assert.Equal(0.5, Assert.Single(ModelPruner.Prune(model, options, statistics)).Sparsity);
    }

    [Fact]
    public void Recovery_without_statistics_is_a_coded_error() =>
        Assert.Equal("PB3003", Assert.Throws<PruneBuildException>(() => ModelPruner.Prune(Layer("MatMul"), Half with { Recovery = RecoveryMethod.Bias })).Code);

    [Fact]
    public void A_model_without_layers_is_a_coded_error()
    {
        using var model = TestModels.Model([TestModels.Node("Relu", ["x"], "y")], [("x", [-1, 4])], ["y"], []);
        Assert.Equal("PB3001", Assert.Throws<PruneBuildException>(() => ModelPruner.Prune(model, Half)).Code);
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_a_coded_error_with_its_index()
    {
        using var model = Layer("MatMul");
        model.SetWeight("w", [Features, Outputs], Weight.Select((value, index) => index == 77 ? float.NegativeInfinity : value).ToArray());
        var error = Assert.Throws<PruneBuildException>(() => ModelPruner.Prune(model, Half));
        Assert.Equal("PB2010", error.Code);
        Assert.Contains("77", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unstructured", 0.71, false, "PB3002", 0)]
    [InlineData("unstructured", 0.71, true, null, 1)]
    [InlineData("unstructured", 0.65, false, null, 1)]
    [InlineData("unstructured", 0.6, false, null, 0)]
    [InlineData("8x4", 0.8, false, null, 0)]
    [InlineData("8x4", 1.5, true, "PB1014", 0)]
    public void High_unstructured_sparsity_warns_and_extreme_one_must_be_allowed(string pattern, double sparsity, bool allow, string? code, int warned)
    {
        using var model = Layer("MatMul");
        var warnings = new List<Diagnostic>();
        var options = new PruneOptions { Pattern = SparsityPattern.Parse(pattern), Sparsity = sparsity, AllowExtremeSparsity = allow };
        var error = Record.Exception(() => ModelPruner.Prune(model, options, warnings: warnings)) as PruneBuildException;
        Assert.Equal(code, error?.Code);
        Assert.Equal(Enumerable.Repeat("PB3006", warned), warnings.Select(warning => warning.Code));
    }

    [Fact]
    public void A_layer_too_small_for_the_pattern_stays_dense_and_says_so()
    {
        using var model = TestModels.Model([TestModels.Node("MatMul", ["x", "w"], "y")], [("x", [-1, 6])], ["y"], [("w", [6, 7], TestModels.Random(1, 42))]);
        var report = Assert.Single(ModelPruner.Prune(model, Half));
        Assert.Equal(("dense", 0.0), (report.Pattern, report.Sparsity));
        Assert.Contains("too small", report.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Skipped_protected_and_overridden_layers_are_treated_as_asked()
    {
        using var model = Chain(5);
        var reports = ModelPruner.Prune(model, Half with
        {
            ProtectFirstLast = true,
            Skip = ["w1"],
            PerLayer = [new LayerOverride("v2_*", Sparsity: 0.25), new LayerOverride("w3", new NOfMPattern(1, 4))],
        });
        Assert.Equal([0, 0, 0.25, 0.75, 0], reports.Select(report => report.Sparsity));
        Assert.Equal(["dense", "dense", "8x4", "1:4", "dense"], reports.Select(report => report.Pattern));
        Assert.Equal([true, true, false, false, true], reports.Select(report => report.Reason is not null));
    }

    [Fact]
    public void A_shared_weight_is_edited_once_and_every_layer_gets_its_own_bias()
    {
        using var model = TestModels.Model(
            [TestModels.Node("Gemm", ["x", "w"], "h"), TestModels.Node("Relu", ["h"], "r"), TestModels.Node("Gemm", ["r", "w"], "y")],
            [("x", [-1, 16])], ["y"], [("w", [16, 16], TestModels.Random(1, 256))]);
        var statistics = TestModels.Calibrate(model,
            TestModels.Batch("x", TestModels.Correlated(2, 50, 16), 50, 16), TestModels.Batch("x", TestModels.Correlated(3, 50, 16), 50, 16));
        var reports = ModelPruner.Prune(model, Half with { Recovery = RecoveryMethod.LeastSquares }, statistics);
        Assert.Equal([0.5, 0.5], reports.Select(report => report.Sparsity));
        Assert.All(reports, report => Assert.Equal("bias", report.Recovery));
        Assert.Equal(2, model.Graph.Node.Where(node => node.OpType == "Gemm").Select(node => node.Input[2]).Distinct().Count());
    }

    [Fact]
    public void A_weight_that_another_operator_uses_stays_dense()
    {
        using var model = TestModels.Model(
            [TestModels.Node("MatMul", ["x", "w"], "y"), TestModels.Node("Relu", ["w"], "z")], [("x", [-1, Features])], ["y", "z"],
            [("w", [Features, Outputs], Weight)]);
        Assert.Contains("Relu", Assert.Single(ModelPruner.Prune(model, Half)).Reason, StringComparison.Ordinal);
        Assert.Equal(Weight, model.Weights["w"].ReadSingles());
    }

    [Fact]
    public void A_bias_that_another_operator_uses_is_copied_not_changed()
    {
        var bias = TestModels.Random(8, Outputs);
        using var model = TestModels.Model(
            [TestModels.Node("Gemm", ["x", "w", "c"], "y"), TestModels.Node("Relu", ["c"], "z")], [("x", [-1, Features])], ["y", "z"],
            [("w", [Features, Outputs], Weight), ("c", [Outputs], bias)]);
        var statistics = TestModels.Calibrate(model, TestModels.Batch("x", Even, 200, Features));
        ModelPruner.Prune(model, Half with { Recovery = RecoveryMethod.Bias }, statistics);
        Assert.Equal(bias, model.Weights["c"].ReadSingles());
        Assert.NotEqual("c", model.Graph.Node[0].Input[2]);
    }

    [Fact]
    public void Canceling_stops_between_weights()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => ModelPruner.Prune(Chain(2), Half, cancellation: source.Token));
    }

    [Fact]
    public void A_large_layer_takes_no_more_than_three_times_its_own_memory()
    {
        const int side = 4096;
        using var model = TestModels.Model(
            [TestModels.Node("Gemm", ["x", "w"], "y", ("transB", 1L))], [("x", [-1, side])], ["y"], [("w", [side, side], TestModels.Random(1, side * side))]);
        GC.Collect();
        var before = GC.GetAllocatedBytesForCurrentThread();
        ModelPruner.Prune(model, new PruneOptions());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3L * side * side * sizeof(float));
    }

    private static OnnxModel Chain(int layers) => TestModels.Model(
        Enumerable.Range(0, layers).Select(layer => TestModels.Node("MatMul", [$"v{layer - 1}", $"w{layer}"], $"v{layer}")),
        [("v-1", [-1, 16])], [$"v{layers - 1}"],
        [.. Enumerable.Range(0, layers).Select(layer => ($"w{layer}", new long[] { 16, 16 }, TestModels.Random(layer, 256)))]);
}
