using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Depth;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Tests.Depth;

/// <summary>The search that keeps hidden states against the one that runs the whole model every time.</summary>
public sealed class BlockSearchTests
{
    private const int Width = 8;
    private const int Rows = 16;
    private const int Blocks = 6;
    private const int NodesOfBlock = 4;

    [Fact]
    public void Kept_hidden_states_change_nothing_about_what_is_found()
    {
        var options = new BlockSearchOptions { Count = 4 };
        using var model = Residual();
        var batches = Batches();
        var found = BlockSearch.Find(model, "model.onnx", batches, options);
        var whole = BlockSearch.Find(Residual, trial => options.Loss.Measure(trial, model, "model.onnx", batches, 1), 4, CancellationToken.None);
        Assert.Equal(whole, found.Removed);
        Assert.Equal(0, found.DenseLoss);
        Assert.Equal(4, found.Removed.Select(block => block.Output).Distinct().Count());
    }

    [Fact]
    public void Evaluations_run_only_what_comes_after_the_candidate()
    {
        using var model = Residual();
        var found = BlockSearch.Find(model, "model.onnx", Batches(), new BlockSearchOptions { Count = 1 });
        // The chain up to the last block's input once, the dense model's loss from there, and for candidate b an Identity in its
        // place and the blocks behind it; the scale that all blocks share is kept like their inputs.
        var perBatch = 2 + ((Blocks - 1) * NodesOfBlock) + (NodesOfBlock + 1)
            + Enumerable.Range(0, Blocks).Sum(block => 1 + ((Blocks - 1 - block) * NodesOfBlock) + 1)
            // After the removal: what the blocks behind the removed one read now.
            + Refilled(found.Removed[0].Output);
        Assert.Equal(perBatch * Batches().Length, found.NodesRun);
        Assert.True(found.NodesRun < 0.7 * Batches().Length * (Blocks + 1) * model.Graph.Node.Count);
    }

    [Fact]
    public void Only_the_least_influential_blocks_are_tried_when_that_is_asked_for()
    {
        using var model = Residual();
        var batches = Batches();
        var influence = BlockInfluence.Measure(model, "model.onnx", TransformerView.ResidualBlocks(model), batches, 1, CancellationToken.None);
        var least = Enumerable.Range(0, Blocks).OrderBy(index => influence[index]).Take(2).Select(index => $"r{index}").ToHashSet();
        var some = BlockSearch.Find(model, "model.onnx", batches, new BlockSearchOptions { Count = 4, Candidates = 2 });
        Assert.Equal(least.Order(), some.Removed.Select(block => block.Output).Order());
        var all = BlockSearch.Find(model, "model.onnx", batches, new BlockSearchOptions { Count = 4, Candidates = Blocks });
        Assert.Equal(BlockSearch.Find(model, "model.onnx", batches, new BlockSearchOptions { Count = 4 }).Removed, all.Removed);
    }

    [Fact]
    public void The_model_stays_as_it_is_and_no_file_is_left_behind()
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
        using var model = Residual();
        var before = model.Proto.Clone();
        BlockSearch.Find(model, "model.onnx", Batches(), new BlockSearchOptions { Count = 2, ScratchFolder = folder });
        Assert.Equal(before, model.Proto);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        Directory.Delete(folder);
    }

    [Fact]
    public void A_loss_that_the_model_cannot_give_is_refused()
    {
        using var model = Residual();
        string Code(ModelLoss loss, CalibrationBatch[] batches) => Assert.Throws<PruneBuildException>(
            () => BlockSearch.Find(model, "model.onnx", batches, new BlockSearchOptions { Count = 1, Loss = loss })).Diagnostic.Code;
        Assert.Equal("PB3003", Code(new ModelLoss(), []));
        Assert.Equal("PB1012", Code(new ModelLoss { Output = "z" }, Batches()));
        Assert.Equal("PB1012", Code(new ModelLoss { Tokens = "tokens" }, Batches()));
        // The input is there, but holds no tokens.
        Assert.Equal("PB3004", Code(new ModelLoss { Tokens = "x" }, Batches()));
    }

    [Fact]
    public void A_language_model_gives_the_same_blocks_and_losses_bit_for_bit()
    {
        var path = SharedLanguageModel.Path;
        var batches = SharedLanguageModel.Calibration(2);
        using var model = OnnxModel.Load(path);
        var options = new BlockSearchOptions { Count = 3, Loss = new ModelLoss { Tokens = "input_ids" }, Threads = 2 };
        var found = BlockSearch.Find(model, path, batches, options);
        var whole = BlockSearch.Find(() => OnnxModel.Load(path), trial => options.Loss.Measure(trial, model, path, batches, 2), 3, CancellationToken.None);
        Assert.Equal(whole, found.Removed);
        Assert.InRange(found.DenseLoss, 1, 1.7);
        Assert.True(found.Removed[0].Loss > found.DenseLoss);
        // Ten, nine and eight candidates, each a whole model otherwise.
        var reachable = 27L * batches.Count * model.Graph.Node.Count;
        Assert.True(found.NodesRun < 0.7 * reachable, $"{found.NodesRun} of {reachable}");
        TestContext.Current.TestOutputHelper!.WriteLine($"{string.Join(", ", found.Removed)}; {found.NodesRun} of {reachable} nodes");
    }

    private static int Refilled(string output)
    {
        var removed = int.Parse(output[1..], System.Globalization.CultureInfo.InvariantCulture);
        return removed == Blocks - 1 ? 0 : 1 + ((Blocks - 2 - removed) * NodesOfBlock);
    }

    private static CalibrationBatch[] Batches() =>
        [.. Enumerable.Range(0, 3).Select(seed => TestModels.Batch("x", TestModels.Random(seed + 20, Rows * Width), Rows, Width))];

    /// <summary>Blocks r + s ⊙ relu(r W) of various strength with one scale s = tanh(x) for all, between a layer and another.</summary>
    private static OnnxModel Residual() => TestModels.Model(
        [TestModels.Node("Tanh", ["x"], "s"), TestModels.Node("MatMul", ["x", "v"], "h"), .. Enumerable.Range(0, Blocks).SelectMany(block => new NodeProto[]
        {
            TestModels.Node("MatMul", [block == 0 ? "h" : $"r{block - 1}", $"w{block}"], $"m{block}"),
            TestModels.Node("Relu", [$"m{block}"], $"a{block}"),
            TestModels.Node("Mul", [$"a{block}", "s"], $"f{block}"),
            TestModels.Node("Add", [block == 0 ? "h" : $"r{block - 1}", $"f{block}"], $"r{block}"),
        }), TestModels.Node("MatMul", [$"r{Blocks - 1}", "w"], "y")],
        [("x", [-1, Width])], ["y"],
        [.. Enumerable.Range(0, Blocks).Select(block => ($"w{block}", new long[] { Width, Width }, TestModels.Random(block + 1, Width * Width, 0.1 + (0.13 * (block * 3 % 7))))),
            ("v", [Width, Width], TestModels.Random(8, Width * Width)), ("w", [Width, 4], TestModels.Random(9, Width * 4))]);
}
