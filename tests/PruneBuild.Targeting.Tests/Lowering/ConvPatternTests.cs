using Google.Protobuf.Collections;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

/// <summary>Convolutions as <c>prunebuild.SparseConv</c> answer as ONNX Runtime's Conv does, up to the quantization of activations.</summary>
public sealed class ConvPatternTests
{
    private const int Channels = 16;
    private static readonly float[] X = LoweredRun.Random(2 * Channels * 9 * 8);

    private static ModelBuilder Model(params (string Name, object Value)[] attributes) => new ModelBuilder()
        .Input("x", 2, Channels, 9, 8).Output("y", "n", "c", "h", "w")
        .Float("w", Weight(3), 24, Channels, 3, 3).Float("v", Weight(4)[..(24 * Channels)], 24, Channels, 1, 1).Float("b", LoweredRun.Random(24, 5), 24)
        .Node("Conv", ["x", "w", "b"], "h", attributes);

    private static readonly (string, object)[] Same = [("pads", new long[] { 1, 1, 1, 1 })];

    [Theory]
    [InlineData("NOTSET")]
    [InlineData("VALID")]
    [InlineData("SAME_UPPER")]
    [InlineData("SAME_LOWER")]
    public void Padding_by_name_is_resolved(string autoPad)
    {
        using var model = new ModelBuilder().Input("x", 2, Channels, 9, 8).Output("y", "n", "c", "h", "w").Float("w", Weight(3)[..(24 * Channels * 6)], 24, Channels, 2, 3)
            .Node("Conv", ["x", "w"], "h", ("auto_pad", autoPad)).Node("Relu", ["h"], "y").Build();
        Assert.Equal("relu", AssertLowered(model).Single().GetText("activation", ""));
    }

    [Fact]
    public void Strides_pads_and_dilations_are_kept()
    {
        using var model = FusedTailTests.Add(Model(("strides", new long[] { 2, 1 }), ("pads", new long[] { 0, 2, 1, 3 }), ("dilations", new long[] { 1, 2 })), "Sigmoid h > s", "Mul h s > y").Build();
        Assert.Equal("silu", AssertLowered(model).Single().GetText("activation", ""));
    }

    [Fact]
    public void A_residual_block_becomes_two_nodes()
    {
        using var model = FusedTailTests.Add(Model(Same), "Conv x v > d", "Add h d > s", "Relu s > y").Build();
        var nodes = AssertLowered(model);
        Assert.Equal([2, 4], nodes.Select(node => node.Input.Count));
        Assert.Equal("relu", nodes[^1].GetText("activation", ""));
    }

    [Fact]
    public void A_convolution_along_one_axis()
    {
        using var model = new ModelBuilder().Input("x", 2, Channels, 72).Output("y", "n", "c", "w")
            .Float("w", Weight(3)[..(24 * Channels * 5)], 24, Channels, 5).Node("Conv", ["x", "w"], "y", ("strides", new long[] { 2 }), ("pads", new long[] { 1, 2 })).Build();
        AssertLowered(model, 2, Channels, 72);
    }

    [Theory]
    [InlineData("groups", "group", 2L)]
    [InlineData("padding", "auto_pad", "SAME_UPPER")]
    public void What_the_operator_cannot_do_is_an_obstacle(string obstacle, string name, object value)
    {
        using var model = new ModelBuilder().Input("x", 2, 32, 9, 8).Output("y", "n", "c", "h", "w")
            .Float("w", Weight(3), 24, Channels, 3, 3).Node("Conv", ["x", "w"], "y", (name, value), ("strides", new long[] { 2, 2 })).Build();
        Assert.Contains(obstacle, ConvPattern.Match(model, new GraphIndex(model.Graph), Assert.Single(WeightSites.Find(model))).Obstacle);
    }

    private static float[] Weight(int seed) => LoweredRun.Random(24 * Channels * 9, seed);

    /// <summary>Every Conv is replaced, and the result of the model stays what it was.</summary>
    private static RepeatedField<NodeProto> AssertLowered(OnnxModel model, params int[] shape)
    {
        int[] input = shape.Length == 0 ? [2, Channels, 9, 8] : shape;
        var expected = LoweredRun.Run(model, "y", X, input);
        var writer = new ConvNodeWriter(model);
        foreach (var site in WeightSites.Find(model))
        {
            var (pattern, obstacle) = ConvPattern.Match(model, new GraphIndex(model.Graph), site);
            Assert.Null(obstacle);
            writer.WriteSparse(pattern!, Block8x4Int8.FormatName, () => new PackedLayer(
                Block8x4Int8.Format.Pack(WeightMatrix.FromSingles(site.ReadMatrix(model), site.Outputs, site.Inputs)), null));
        }

        UnusedParts.Remove(model);
        Assert.All(model.Graph.Node, node => Assert.Equal("SparseConv", node.OpType));
        Assert.InRange(LoweredRun.RelativeError(expected, LoweredRun.Run(model, "y", X, input)), 0, 0.02);
        return model.Graph.Node;
    }
}
