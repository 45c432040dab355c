using PruneBuild.Graph;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

public sealed class BatchNormFoldingTests
{
    private static readonly float[] X = LoweredRun.Random(2 * 8 * 6 * 6);

    private static ModelBuilder Parameters(ModelBuilder builder, string normalized, float epsilon = 1e-3f) => builder
        .Float("scale", LoweredRun.Random(12, 1), 12).Float("shift", LoweredRun.Random(12, 2), 12).Float("mean", LoweredRun.Random(12, 3), 12)
        .Float("variance", [.. LoweredRun.Random(12, 4).Select(value => value * value)], 12)
        .Node("BatchNormalization", [normalized, "scale", "shift", "mean", "variance"], "n", ("epsilon", epsilon)).Node("Relu", ["n"], "y");

    private static ModelBuilder Image() => new ModelBuilder().Input("x", 2, 8, 6, 6).Output("y", "n", "c", "h", "w");

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(4, true)]
    public void Behind_a_Conv_with_and_without_groups_and_bias(int groups, bool hasBias)
    {
        using var model = Parameters(Image().Float("w", LoweredRun.Random(12 * 8 / groups * 9, 5), 12, 8 / groups, 3, 3).Float("b", LoweredRun.Random(12, 6), 12)
            .Node("Conv", hasBias ? ["x", "w", "b"] : ["x", "w"], "h", ("group", groups)), "h").Build();
        AssertFolded(model, ["Conv", "Relu"], 2, 8, 6, 6);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Behind_a_Gemm(bool transB)
    {
        using var model = Parameters(new ModelBuilder().Input("x", "n", 36).Output("y", "n", 12).Float("w", LoweredRun.Random(36 * 12, 5), transB ? [12, 36] : [36, 12])
            .Float("b", LoweredRun.Random(12, 6), 1, 12).Node("Gemm", ["x", "w", "b"], "h", ("transB", transB ? 1 : 0)), "h").Build();
        AssertFolded(model, ["Gemm", "Relu"], 16, 36);
    }

    [Fact]
    public void Of_an_int8_weight_only_the_scales_change()
    {
        using var model = Parameters(Image().SByte("q", [.. LoweredRun.Random(12 * 8 * 9, 5).Select(value => (sbyte)(value * 127))], 12, 8, 3, 3)
            .Float("s", [.. LoweredRun.Random(12, 6).Select(value => Math.Abs(value) / 100)], 12).Node("DequantizeLinear", ["q", "s"], "w", ("axis", 0))
            .Node("Conv", ["x", "w"], "h"), "h").Build();
        var before = model.Weights["q"].Read<sbyte>();
        AssertFolded(model, ["DequantizeLinear", "Conv", "Relu"], 3L, [2, 8, 6, 6]);
        Assert.Equal(before, model.Weights["q"].Read<sbyte>());
    }

    [Fact]
    public void Behind_a_MatMul_the_bias_becomes_an_Add()
    {
        using var model = Parameters(new ModelBuilder().Input("x", "n", 36).Output("y", "n", 12).Float("w", LoweredRun.Random(36 * 12, 5), 36, 12).Node("MatMul", ["x", "w"], "h"), "h").Build();
        AssertFolded(model, ["MatMul", "Add", "Relu"], 16, 36);
    }

    [Fact]
    public void A_MatMul_of_more_dimensions_keeps_its_normalization()
    {
        using var model = Parameters(new ModelBuilder().Input("x", "n", 12, 6).Output("y", "n", 12, 12).Float("w", LoweredRun.Random(6 * 12, 5), 6, 12).Node("MatMul", ["x", "w"], "h"), "h").Build();
        Assert.Equal(0, BatchNormFolding.Fold(model));
    }

    [Fact]
    public void A_weight_or_a_result_that_something_else_reads_stays()
    {
        using var shared = Parameters(Image().Float("w", LoweredRun.Random(12 * 8, 5), 12, 8, 1, 1).Node("Conv", ["x", "w"], "h").Node("Conv", ["x", "w"], "g").Output("g", "n", "c", "h", "w"), "h").Build();
        Assert.Equal(0, BatchNormFolding.Fold(shared));
        using var read = Parameters(Image().Float("w", LoweredRun.Random(12 * 8, 5), 12, 8, 1, 1).Node("Conv", ["x", "w"], "h").Output("h", "n", "c", "h", "w"), "h").Build();
        Assert.Equal(0, BatchNormFolding.Fold(read));
    }

    private static void AssertFolded(OnnxModel model, string[] operators, params int[] shape) => AssertFolded(model, operators, 2, shape);

    private static void AssertFolded(OnnxModel model, string[] operators, long weights, int[] shape)
    {
        var expected = LoweredRun.Run(model, "y", X, shape);
        Assert.Equal(1, BatchNormFolding.Fold(model));
        UnusedParts.Remove(model);
        Assert.Equal(operators, model.Graph.Node.Select(node => node.OpType));
        Assert.Equal(weights, model.Weights.Count);
        Assert.InRange(LoweredRun.RelativeError(expected, LoweredRun.Run(model, "y", X, shape)), 0, 1e-5);
    }
}
