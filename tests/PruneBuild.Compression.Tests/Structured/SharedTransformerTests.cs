using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Depth;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Structured;
using PruneBuild.Compression.Training;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Tests.Structured;

/// <summary>A small language model with grouped-query attention and rotary positions, where it is present.</summary>
public sealed class SharedTransformerTests(ITestOutputHelper output)
{
    private static readonly string ModelPath = Path.Combine(PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "models", "stories260K", "model.onnx");

    [Fact]
    public void Heads_feed_forwards_and_residual_blocks_are_found()
    {
        using var model = Open();
        var attention = TransformerView.Attention(model);
        Assert.Equal(5, attention.Count);
        Assert.All(attention, block => Assert.Equal((8, 4, 8), (block.Heads, block.KeyValueGroups, block.HeadSize)));
        Assert.Equal(
            ("model.layers.0.self_attn.q_proj.weight", "model.layers.0.self_attn.k_proj.weight", "model.layers.0.self_attn.v_proj.weight", "model.layers.0.self_attn.o_proj.weight"),
            (attention[0].Query.Input[1], attention[0].Key.Input[1], attention[0].Value.Input[1], attention[0].Output.Input[1]));
        var gated = TransformerView.GatedFeedForwards(model);
        Assert.Equal(5, gated.Count);
        Assert.Equal(
            ("model.layers.0.mlp.gate_proj.weight", "model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.down_proj.weight"),
            (gated[0].Gate.Input[1], gated[0].Up.Input[1], gated[0].Down.Input[1]));
        Assert.Equal(10, TransformerView.ResidualBlocks(model).Count);
    }

    [Fact]
    public void Heads_and_neurons_are_removed_and_recovered()
    {
        using var model = Open();
        var statistics = Calibrator.Collect(model, ModelPath, WeightSites.Find(model), Tokens(), threads: 2, CancellationToken.None);
        var heads = HeadPruner.Prune(model, new HeadOptions { Groups = 3, Recovery = RecoveryMethod.LeastSquares, Threads = 2 }, statistics);
        Assert.All(heads.Classes, entry => Assert.Equal((4, 3), (entry.Units, entry.Kept.Count)));
        Assert.All(TransformerView.Attention(model), block => Assert.Equal((6, 3), (block.Heads, block.KeyValueGroups)));
        Assert.All(heads.Readers, reader => Assert.True(reader.ErrorRecovered < reader.ErrorPruned));
        Assert.Equal([48, 64], model.Weights["model.layers.0.self_attn.o_proj.weight"].Shape);

        using var dense = Open();
        var gradients = GradientCollector.Collect(dense, WeightSites.Find(dense), Tokens(), threads: 2, CancellationToken.None);
        foreach (var criterion in UnitCriteria.Names)
        {
            using var copy = Open();
            var options = new StructuredOptions
            {
                Budget = new StructuredBudget(BudgetUnit.Units, 0.75), Criterion = UnitCriteria.Get(criterion), Recovery = RecoveryMethod.Linear, Threads = 2,
            };
            var report = StructuredPruner.Prune(copy, options, statistics, gradients);
            Assert.Equal(5, report.Classes.Count(entry => entry.Reason is null && entry.Kept.Count == 136));
            output.WriteLine($"{criterion}: down projection error {report.Readers.Average(reader => reader.ErrorPruned):0.000}, recovered {report.Readers.Average(reader => reader.ErrorRecovered):0.000}");
        }
    }

    [Fact]
    public void Gradients_choose_neurons_better_than_norms()
    {
        using var dense = Open();
        var written = ModelRuns.Written(dense, seed: 1, rows: 24, length: 96);
        var batches = new[] { new CalibrationBatch(new Dictionary<string, CalibrationTensor> { ["input_ids"] = new(written[..(16 * 96)], [16, 96]) }) };
        var gradients = GradientCollector.Collect(dense, WeightSites.Find(dense), batches, threads: 2, CancellationToken.None);
        double Loss(string criterion)
        {
            using var model = Open();
            StructuredPruner.Prune(
                model, new StructuredOptions { Budget = new StructuredBudget(BudgetUnit.Units, 0.8), Align = 1, Criterion = UnitCriteria.Get(criterion) }, null, gradients);
            return ModelRuns.NextTokenLoss(model, written[(16 * 96)..], 8);
        }
        var whole = ModelRuns.NextTokenLoss(dense, written[(16 * 96)..], 8);
        var norm = Loss("l2");
        foreach (var order in new[] { "taylor", "taylor-second", "taylor-mixed" })
        {
            var loss = Loss(order);
            output.WriteLine($"dense {whole:0.000}, l2 {norm:0.000}, {order} {loss:0.000}");
            Assert.InRange(loss, whole, norm - 0.1);
        }
    }

    [Theory]
    [InlineData("l2")]
    [InlineData("taylor")]
    public void Heads_can_be_scored_by_any_criterion(string criterion)
    {
        using var model = Open();
        var gradients = GradientCollector.Collect(model, WeightSites.Find(model), Tokens().Take(1), threads: 2, CancellationToken.None);
        var options = new HeadOptions { Groups = 3, Criterion = UnitCriteria.Get(criterion), Recovery = RecoveryMethod.None };
        Assert.Equal("PB3003", Assert.Throws<PruneBuildException>(() => HeadPruner.Prune(model, options with { Criterion = null })).Code);
        var report = HeadPruner.Prune(model, options, gradients: gradients);
        Assert.All(report.Classes, entry => Assert.Equal((4, 3), (entry.Units, entry.Kept.Count)));
        Assert.All(TransformerView.Attention(model), block => Assert.Equal((6, 3), (block.Heads, block.KeyValueGroups)));
        Assert.True(double.IsFinite(Loss(model)));
    }

    [Fact]
    public void Every_block_can_be_left_out_and_has_an_influence()
    {
        using var model = Open();
        var blocks = TransformerView.ResidualBlocks(model);
        var influence = BlockInfluence.Measure(model, ModelPath, blocks, Tokens(), 2, CancellationToken.None);
        Assert.All(influence, value => Assert.InRange(value, 1e-4, 1.5));
        foreach (var index in new[] { 0, 5 })
        {
            using var copy = Open();
            BlockRemoval.Remove(copy, TransformerView.ResidualBlocks(copy)[index]);
            Assert.True(copy.WeightBytes < model.WeightBytes);
            Assert.True(double.IsFinite(Loss(copy)));
        }
    }

    private static OnnxModel Open()
    {
        Assert.SkipUnless(File.Exists(ModelPath), "the model is not on this machine");
        return OnnxModel.Load(ModelPath);
    }

    private static double Loss(OnnxModel model) => ModelRuns.NextTokenLoss(model, [.. Sample(7, 2 * 64)], 2);

    private static IEnumerable<long> Sample(int seed, int count)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => (long)random.Next(3, 512));
    }

    private static IEnumerable<CalibrationBatch> Tokens() => Enumerable.Range(0, 4).Select(seed => new CalibrationBatch(
        new Dictionary<string, CalibrationTensor> { ["input_ids"] = new(Sample(seed, 4 * 128).ToArray(), [4, 128]) }));
}
