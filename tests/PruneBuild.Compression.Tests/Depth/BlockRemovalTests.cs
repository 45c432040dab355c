using PruneBuild.Compression.Depth;
using PruneBuild.Graph;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Tests.Depth;

public sealed class BlockRemovalTests
{
    private const int Width = 8;
    private const int Rows = 64;

    [Fact]
    public void A_block_that_changes_nothing_has_no_influence_and_others_have_some()
    {
        using var model = Residual();
        var blocks = TransformerView.ResidualBlocks(model);
        Assert.Equal(["r0", "r1", "r2"], blocks.Select(block => block.Output));
        var influence = BlockInfluence.Measure(
            model, "model.onnx", blocks, [TestModels.Batch("x", TestModels.Random(5, Rows * Width), Rows, Width)], 1, CancellationToken.None);
        Assert.Equal(0, influence[1], 1e-9);
        Assert.True(influence[0] > 0.01 && influence[2] > 0.01, string.Join(" ", influence));
    }

    [Fact]
    public void The_search_takes_the_block_that_does_nothing_first_and_keeps_the_one_that_matters_most()
    {
        var data = TestModels.Random(5, Rows * Width);
        using var dense = Residual();
        var expected = TestModels.Run(dense, "x", data, [Rows, Width], "y");
        double Loss(OnnxModel model) => expected.Zip(TestModels.Run(model, "x", data, [Rows, Width], "y"), (a, b) => Math.Pow(a - b, 2)).Sum();
        var removed = BlockSearch.Find(Residual, Loss, 2, CancellationToken.None);
        Assert.Equal("r1", removed[0].Output);
        Assert.Equal(0, removed[0].Loss, 1e-9);
        // The last block's weights are the smallest but those of the empty one.
        Assert.Equal("r2", removed[1].Output);
        Assert.True(removed[1].Loss > 0);
    }

    [Fact]
    public void Removing_the_block_that_does_nothing_leaves_the_outputs_and_drops_its_weights()
    {
        var data = TestModels.Random(5, Rows * Width);
        using var model = Residual();
        var expected = TestModels.Run(model, "x", data, [Rows, Width], "y");
        BlockRemoval.Remove(model, TransformerView.ResidualBlocks(model)[1]);
        Assert.DoesNotContain("w1", model.Weights.Keys);
        Assert.Equal(expected, TestModels.Run(model, "x", data, [Rows, Width], "y"));
    }

    [Fact]
    public void A_block_whose_inside_is_read_elsewhere_is_none()
    {
        using var model = TestModels.Model(
            [TestModels.Node("MatMul", ["x", "w"], "f"), TestModels.Node("Add", ["x", "f"], "r"), TestModels.Node("Mul", ["r", "f"], "y")],
            [("x", [-1, Width])], ["y"], [("w", [Width, Width], TestModels.Random(1, Width * Width))]);
        Assert.Empty(TransformerView.ResidualBlocks(model));
    }

    /// <summary>Three blocks x + relu(x W); the second's W is zero.</summary>
    private static OnnxModel Residual() => TestModels.Model(
        [.. Enumerable.Range(0, 3).SelectMany(block => new[]
        {
            TestModels.Node("MatMul", [block == 0 ? "x" : $"r{block - 1}", $"w{block}"], $"m{block}"),
            TestModels.Node("Relu", [$"m{block}"], $"f{block}"),
            TestModels.Node("Add", [block == 0 ? "x" : $"r{block - 1}", $"f{block}"], $"r{block}"),
        }), TestModels.Node("Identity", ["r2"], "y")],
        [("x", [-1, Width])], ["y"],
        [.. Enumerable.Range(0, 3).Select(block => ($"w{block}", new long[] { Width, Width }, TestModels.Random(block + 1, Width * Width, block == 1 ? 0 : block == 0 ? 1 : 0.3)))]);
}
