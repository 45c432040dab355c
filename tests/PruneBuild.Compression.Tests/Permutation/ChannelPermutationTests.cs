using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Permutation;
using PruneBuild.Compression.Pruning;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Permutation;

public sealed class ChannelPermutationTests
{
    private const int Inputs = 16;
    private const int Hidden = 32;
    private const int Outputs = 16;

    [Theory]
    [InlineData("8x4")]
    [InlineData("8x1")]
    [InlineData("2:4")]
    public void The_outputs_stay_and_the_pattern_keeps_more(string pattern)
    {
        using var model = Mlp();
        var rows = TestModels.Correlated(5, 40, Inputs);
        var before = TestModels.Run(model, "x", rows, [40, Inputs], "y");
        var options = new PruneOptions { Pattern = SparsityPattern.Parse(pattern), Sparsity = 0.5 };
        var (_, classes) = ChannelPermutation.Run(model, options, null);
        Assert.Equal(before.Length, TestModels.Run(model, "x", rows, [40, Inputs], "y").Length);
        Assert.All(before.Zip(TestModels.Run(model, "x", rows, [40, Inputs], "y")), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        var moved = Assert.Single(classes, one => one.Reason is null);
        Assert.Equal(Hidden, moved.Units);
        Assert.True(moved.After > moved.Before * 1.02, $"{moved}");
        Assert.All(classes.Where(one => one != moved), one => Assert.NotNull(one.Reason));
    }

    [Fact]
    public void Neurons_that_matter_gather_so_that_whole_blocks_are_free()
    {
        // Every second neuron is dead weight: in the model's order every block of 8 holds four that matter.
        using var scattered = Mlp(neuron => neuron % 2 == 0 ? 1 : 0.001f);
        var options = new PruneOptions { Pattern = SparsityPattern.Parse("8x4"), Sparsity = 0.5, Criterion = new Magnitude() };
        ChannelPermutation.Run(scattered, options, null);
        ModelPruner.Prune(scattered, options);
        var site = WeightSites.Find(scattered)[0];
        var large = site.ReadMatrix(scattered).Count(weight => Math.Abs(weight) > 0.01);
        using var intact = Mlp(neuron => neuron % 2 == 0 ? 1 : 0.001f);
        Assert.Equal(WeightSites.Find(intact)[0].ReadMatrix(intact).Count(weight => Math.Abs(weight) > 0.01), large);
    }

    [Fact]
    public void The_statistics_follow_the_model()
    {
        using var model = Mlp();
        var batches = new[] { TestModels.Batch("x", TestModels.Correlated(2, 60, Inputs), 60, Inputs), TestModels.Batch("x", TestModels.Correlated(3, 60, Inputs), 60, Inputs) };
        var statistics = TestModels.Calibrate(model, batches);
        var (moved, classes) = ChannelPermutation.Run(model, new PruneOptions { Pattern = SparsityPattern.Parse("8x4"), Sparsity = 0.5 }, statistics);
        Assert.Contains(classes, one => one.After > one.Before);
        var again = TestModels.Calibrate(model, batches);
        foreach (var site in WeightSites.Find(model))
        {
            var (ours, theirs) = (moved!.For(site).Fit[0], again.For(site).Fit[0]);
            for (var input = 0; input < site.Inputs; input++)
            {
                Assert.Equal(theirs.Sum[input], ours.Sum[input], 1e-3);
                Assert.Equal(theirs.Gram(0, input), ours.Gram(0, input), 1e-3);
            }
        }
    }

    [Theory]
    [InlineData("unstructured")]
    [InlineData("16x1")]
    public void A_pattern_that_the_order_does_not_change_or_a_layer_it_does_not_fit_leaves_the_model_alone(string pattern)
    {
        using var model = Mlp(hidden: 8);
        var before = WeightSites.Find(model).Select(site => site.ReadMatrix(model)).ToList();
        var (_, classes) = ChannelPermutation.Run(model, new PruneOptions { Pattern = SparsityPattern.Parse(pattern), Sparsity = 0.5, Skip = ["y*"] }, null);
        Assert.All(classes, one => Assert.NotNull(one.Reason));
        Assert.Equal(before, WeightSites.Find(model).Select(site => site.ReadMatrix(model)));
    }

    [Fact]
    public void The_order_is_the_same_on_every_run()
    {
        float[] Order()
        {
            using var model = Mlp();
            ChannelPermutation.Run(model, new PruneOptions { Pattern = SparsityPattern.Parse("8x4"), Sparsity = 0.5 }, null);
            return WeightSites.Find(model)[0].ReadMatrix(model);
        }
        Assert.Equal(Order(), Order());
    }

    private static OnnxModel Mlp(Func<int, float>? importance = null, int hidden = Hidden)
    {
        var (first, second) = (TestModels.Random(11, Inputs * hidden), TestModels.Random(12, hidden * Outputs));
        for (var input = 0; input < Inputs; input++)
            for (var neuron = 0; neuron < hidden; neuron++)
                first[(input * hidden) + neuron] *= importance?.Invoke(neuron) ?? (((neuron * 7) % hidden) + 1f) / hidden;
        return TestModels.Model(
            [
                TestModels.Node("MatMul", ["x", "w1"], "p"), TestModels.Node("Add", ["p", "b1"], "h"), TestModels.Node("Relu", ["h"], "r"),
                TestModels.Node("MatMul", ["r", "w2"], "y"),
            ],
            [("x", [-1, Inputs])], ["y"],
            [("w1", [Inputs, hidden], first), ("b1", [hidden], TestModels.Random(13, hidden)), ("w2", [hidden, Outputs], second)]);
    }
}
