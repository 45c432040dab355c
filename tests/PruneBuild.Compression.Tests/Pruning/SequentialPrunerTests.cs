using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Pruning;

public sealed class SequentialPrunerTests
{
    private const int Features = 32;

    private static readonly PruneOptions Half = new()
    {
        Pattern = SparsityPattern.Parse("8x4"), Sparsity = 0.5, Criterion = new OptimalBrainCompression(), Recovery = RecoveryMethod.LeastSquares,
    };

    [Fact]
    public void Layers_that_see_the_damage_before_them_end_closer_to_the_dense_output()
    {
        using var dense = Chain();
        using var apart = Chain();
        using var sequential = Chain();
        ModelPruner.Prune(apart, Half, TestModels.Calibrate(dense, [.. Batches()]));
        var reports = SequentialPruner.Prune(sequential, "model.onnx", Half, Batches());
        var rows = TestModels.Correlated(9, 300, Features);
        double Distance(OnnxModel model) => Run(model, rows).Zip(Run(dense, rows)).Sum(pair => Math.Pow(pair.First - pair.Second, 2));
        Assert.True(Distance(sequential) < 0.9 * Distance(apart), $"{Distance(sequential)} {Distance(apart)}");
        Assert.Equal(["p1_node", "p2_node", "p3_node", "y_node"], reports.Select(report => report.Name));
        Assert.All(reports, report => Assert.Equal(0.5, report.Sparsity, 0.01));
    }

    [Fact]
    public void Without_recovery_and_with_the_first_layer_alone_it_is_the_pruner_of_whole_models()
    {
        using var one = Chain();
        using var other = Chain();
        var options = Half with { Recovery = RecoveryMethod.None, Skip = ["p2_node", "p3_node", "y_node"] };
        ModelPruner.Prune(one, options, TestModels.Calibrate(one, [.. Batches()]));
        SequentialPruner.Prune(other, "model.onnx", options, Batches());
        Assert.Equal(WeightSites.Find(one).Select(site => site.ReadMatrix(one)), WeightSites.Find(other).Select(site => site.ReadMatrix(other)));
    }

    [Fact]
    public void The_bits_are_the_same_for_any_number_of_threads()
    {
        using var one = Chain();
        using var three = Chain();
        SequentialPruner.Prune(one, "model.onnx", Half, Batches());
        SequentialPruner.Prune(three, "model.onnx", Half with { Threads = 3 }, Batches());
        Assert.Equal(WeightSites.Find(one).Select(site => site.ReadMatrix(one)), WeightSites.Find(three).Select(site => site.ReadMatrix(three)));
    }

    [Fact]
    public void A_changed_input_is_undone_by_the_target()
    {
        // x̃ = A x with an invertible A: V = W A⁻¹ gives the dense output exactly.
        var dense = TestModels.Random(4, 6 * 3);
        var x = TestModels.Random(5, 400 * 3);
        var edited = new float[x.Length];
        for (var row = 0; row < 400; row++)
        {
            edited[row * 3] = (2 * x[row * 3]) + 0.3f;
            edited[(row * 3) + 1] = x[(row * 3) + 1] - x[row * 3];
            edited[(row * 3) + 2] = -x[(row * 3) + 2];
        }
        var pairs = new PairedSiteStatistics([Of(edited, x)], [Of(edited, x)]);
        var target = AsymmetricTarget.Fit(dense, pairs);
        for (var row = 0; row < 20; row++)
        {
            for (var output = 0; output < 6; output++)
            {
                double Product(float[] weights, float[] input) => Enumerable.Range(0, 3).Sum(k => (double)weights[(output * 3) + k] * input[(row * 3) + k]);
                Assert.Equal(Product(dense, x), Product(target.Weights, edited) + target.Bias[output], 0.01);
            }
        }
    }

    [Fact]
    public void An_unchanged_input_leaves_the_weights_and_no_bias()
    {
        var dense = TestModels.Random(4, 6 * 3);
        var x = TestModels.Random(5, 400 * 3);
        var target = AsymmetricTarget.Fit(dense, new PairedSiteStatistics([Of(x, x)], [Of(x, x)]));
        Assert.All(dense.Zip(target.Weights), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        Assert.All(target.Bias, value => Assert.Equal(0, value, 1e-6));
    }

    private static PairedStatistics Of(float[] edited, float[] dense)
    {
        var statistics = new PairedStatistics(3);
        statistics.Add(edited, dense);
        return statistics;
    }

    private static IEnumerable<CalibrationBatch> Batches()
    {
        for (var seed = 2; seed < 6; seed++)
            yield return TestModels.Batch("x", TestModels.Correlated(seed, 200, Features), 200, Features);
    }

    private static float[] Run(OnnxModel model, float[] rows) => TestModels.Run(model, "x", rows, [rows.Length / Features, Features], "y");

    private static OnnxModel Chain() => TestModels.Model(
        [
            TestModels.Node("MatMul", ["x", "w1"], "p1"), TestModels.Node("Relu", ["p1"], "h1"),
            TestModels.Node("MatMul", ["h1", "w2"], "p2"), TestModels.Node("Relu", ["p2"], "h2"),
            TestModels.Node("MatMul", ["h2", "w3"], "p3"), TestModels.Node("Relu", ["p3"], "h3"),
            TestModels.Node("MatMul", ["h3", "w4"], "y"),
        ],
        [("x", [-1, Features])], ["y"],
        [.. Enumerable.Range(1, 4).Select(layer => ($"w{layer}", new long[] { Features, Features }, TestModels.Random(20 + layer, Features * Features, 0.4)))]);
}
