using PruneBuild.Compression.Drift;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Quantization;
using PruneBuild.Compression.Recovery;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Drift;

public sealed class LayerComparisonTests
{
    private const int Width = 32;
    private const int Outputs = 12;

    [Theory]
    [InlineData("int8")]
    [InlineData("rtn 4")]
    [InlineData("rtn 8")]
    [InlineData("rtn 4 each")]
    [InlineData("rtn 8 each")]
    [InlineData("hqq 4")]
    public void The_error_of_a_layer_is_that_of_its_output_on_the_calibration_data(string how)
    {
        using var parent = Layer();
        using var edited = Layer();
        if (how == "int8")
            ModelQuantizer.Quantize(edited, new QuantizeOptions());
        else
        {
            GroupModelQuantizer.Quantize(edited, new GroupQuantizeOptions
            {
                Format = new GroupFormat(how.Contains('8', StringComparison.Ordinal) ? 8 : 4, 16, !how.EndsWith("each", StringComparison.Ordinal) && how[0] != 'h'),
                Method = GroupQuantizers.Get(how.Split(' ')[0]), AccuracyLevel = 0,
            });
        }
        var rows = TestModels.Correlated(3, 40, Width);
        var statistics = TestModels.Calibrate(parent, TestModels.Batch("x", rows, 40, Width));
        var drift = Assert.Single(LayerComparison.Measure(parent, edited, statistics, threads: 1));

        var (before, after) = (TestModels.Run(parent, "x", rows, [40, Width], "y"), TestModels.Run(edited, "x", rows, [40, Width], "y"));
        var expected = Math.Sqrt(before.Zip(after, (p, q) => Math.Pow(p - q, 2)).Sum() / before.Sum(value => (double)value * value));
        Assert.Equal(expected, drift.RelativeError!.Value, 1e-3 * expected);
        Assert.InRange(drift.SignalToNoise!.Value, how.Contains('4', StringComparison.Ordinal) ? 15 : 35, 60);
        Assert.Null(drift.Reason);
    }

    [Fact]
    public void A_layer_that_recovery_gave_a_bias_is_still_the_same_layer()
    {
        using var parent = Layer();
        using var edited = Layer();
        var statistics = TestModels.Calibrate(parent, TestModels.Batch("x", TestModels.Correlated(3, 40, Width), 40, Width), TestModels.Batch("x", TestModels.Correlated(4, 40, Width), 40, Width));
        ModelPruner.Prune(edited, new PruneOptions { Sparsity = 0.5, Recovery = RecoveryMethod.Bias }, statistics);
        Assert.Equal("Add", edited.Graph.Node[^1].OpType);
        Assert.InRange(Assert.Single(LayerComparison.Measure(parent, edited, statistics, 1)).RelativeError!.Value, 0.01, 1);
        GroupModelQuantizer.Quantize(edited, new GroupQuantizeOptions());
        Assert.InRange(Assert.Single(LayerComparison.Measure(parent, edited, statistics, 1)).RelativeError!.Value, 0.01, 1);
    }

    [Fact]
    public void A_grouped_convolution_is_compared_group_by_group()
    {
        OnnxModel Conv(float factor)
        {
            float[] weights = TestModels.Random(1, 4 * 2 * 9);
            for (var index = weights.Length / 2; index < weights.Length; index++)
                weights[index] *= factor;
            return TestModels.Model(
                [TestModels.Node("Conv", ["x", "w"], "y", ("group", 2L), ("kernel_shape", new long[] { 3, 3 }))], [("x", [-1, 4, 5, 5])], ["y"], [("w", [4, 2, 3, 3], weights)]);
        }
        using var parent = Conv(1);
        using var edited = Conv(0.5f);
        var images = TestModels.Random(2, 3 * 4 * 25);
        var statistics = TestModels.Calibrate(parent, TestModels.Batch("x", images, 3, 4, 5, 5));
        var drift = Assert.Single(LayerComparison.Measure(parent, edited, statistics, threads: 2));
        var (before, after) = (TestModels.Run(parent, "x", images, [3, 4, 5, 5], "y"), TestModels.Run(edited, "x", images, [3, 4, 5, 5], "y"));
        var expected = Math.Sqrt(before.Zip(after, (p, q) => Math.Pow(p - q, 2)).Sum() / before.Sum(value => (double)value * value));
        Assert.Equal(expected, drift.RelativeError!.Value, 1e-4);
    }

    [Fact]
    public void Layers_that_are_gone_or_narrower_say_so()
    {
        using var parent = Layer();
        using var narrow = TestModels.Model([TestModels.Node("MatMul", ["x", "w"], "y")], [("x", [-1, 4])], ["y"], [("w", [4, Outputs], new float[4 * Outputs])]);
        using var gone = TestModels.Model([TestModels.Node("Identity", ["x"], "y")], [("x", [-1, 4])], ["y"], []);
        Assert.Equal($"{Outputs} x {Width} became {Outputs} x 4", Assert.Single(LayerComparison.Measure(parent, narrow, null, 1)).Reason);
        Assert.Equal("no layer of the edited model makes its output", Assert.Single(LayerComparison.Measure(parent, gone, null, 1)).Reason);
        var same = Assert.Single(LayerComparison.Measure(parent, parent, null, 1));
        Assert.True(same is { SignalToNoise: null, RelativeError: null, Reason: null });
    }

    private static OnnxModel Layer() => TestModels.Model(
        [TestModels.Node("MatMul", ["x", "w"], "y")], [("x", [-1, Width])], ["y"], [("w", [Width, Outputs], TestModels.Random(1, Width * Outputs))]);
}
