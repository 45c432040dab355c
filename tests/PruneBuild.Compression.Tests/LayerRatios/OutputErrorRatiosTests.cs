using CsCheck;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Recovery;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.LayerRatios;

public sealed class OutputErrorRatiosTests
{
    private static readonly double[] Grid = [0.25, 0.5, 0.75];

    [Fact]
    public void The_layer_that_suffers_less_gives_more()
    {
        var ratios = new OutputErrorRatios().Allocate([new("hard", 100, Grid, [0.1, 0.4, 0.9]), new("easy", 100, Grid, [0.01, 0.02, 0.05])], 0.5);
        Assert.Equal([0.25, 0.75], ratios);
    }

    [Fact]
    public void Convex_curves_are_divided_as_an_exhaustive_search_would() => Gen.Select(Curve(), Curve(), Curve()).Sample((a, b, c) =>
    {
        LayerCurve[] layers = [a with { Weight = "a" }, b with { Weight = "b" }, c with { Weight = "c" }];
        var ratios = new OutputErrorRatios().Allocate(layers, 0.5);
        var best = double.PositiveInfinity;
        foreach (var x in Grid)
            foreach (var y in Grid)
                foreach (var z in Grid)
                    if (x + y + z == 1.5)
                        best = Math.Min(best, At(layers[0], x) + At(layers[1], y) + At(layers[2], z));
        Assert.Equal(best, ratios.Select((ratio, index) => At(layers[index], ratio)).Sum(), 1e-9);
    });

    [Fact]
    public void The_number_of_zeros_is_the_one_asked_for() => Gen.Select(Curve(), Curve(), Gen.Int[1, 1000], Gen.Double[0, 0.75]).Sample((a, b, size, sparsity) =>
    {
        LayerCurve[] layers = [a with { Elements = size }, b];
        var ratios = new OutputErrorRatios().Allocate(layers, sparsity);
        Assert.Equal(sparsity * layers.Sum(layer => layer.Elements), ratios.Select((ratio, index) => ratio * layers[index].Elements).Sum(), 1e-6);
        Assert.All(ratios, ratio => Assert.InRange(ratio, 0, 0.75));
    });

    [Theory]
    [InlineData("magnitude")]
    [InlineData("obc")]
    public void A_pruned_model_has_the_sparsity_and_less_error_than_a_uniform_one(string criterion)
    {
        using var uniform = TwoLayers();
        using var divided = TwoLayers();
        var statistics = TestModels.Calibrate(
            uniform, TestModels.Batch("x", TestModels.Correlated(2, 200, 32), 200, 32), TestModels.Batch("x", TestModels.Correlated(3, 200, 32), 200, 32));
        var options = new PruneOptions { Pattern = SparsityPattern.Parse("8x4"), Sparsity = 0.5, Criterion = PruningCriteria.Get(criterion), Recovery = RecoveryMethod.LeastSquares };
        var before = ModelPruner.Prune(uniform, options, statistics);
        var after = ModelPruner.Prune(divided, options with { Ratios = LayerRatioMethods.Get("output-error") }, statistics);
        Assert.Equal(0.5, after.Sum(layer => layer.Sparsity * layer.Outputs * layer.Inputs) / after.Sum(layer => layer.Outputs * layer.Inputs), 0.02);
        Assert.NotEqual(after[0].Sparsity, after[1].Sparsity, 0.05);
        double Damage(IEnumerable<LayerReport> layers) => layers.Sum(layer => layer.RelativeErrorRecovered!.Value * layer.RelativeErrorRecovered!.Value);
        Assert.True(Damage(after) < Damage(before), $"{Damage(after)} {Damage(before)}");
    }

    [Fact]
    public void Without_statistics_it_is_a_coded_error()
    {
        using var model = TwoLayers();
        var options = new PruneOptions { Ratios = LayerRatioMethods.Get("output-error") };
        Assert.Equal("PB3003", Assert.Throws<PruneBuildException>(() => ModelPruner.Prune(model, options)).Code);
        Assert.Equal("PB1012", Assert.Throws<PruneBuildException>(() => LayerRatioMethods.Get("random")).Code);
    }

    /// <summary>The first layer has most of its weight in a few blocks, the second in none.</summary>
    private static OnnxModel TwoLayers()
    {
        var easy = TestModels.Random(1, 32 * 32);
        for (var index = 0; index < easy.Length; index++)
            easy[index] *= ((index / 32 / 4) + (index % 32 / 8)) % 4 == 0 ? 1 : 0.02f;
        return TestModels.Model(
            [TestModels.Node("MatMul", ["x", "w1"], "h"), TestModels.Node("MatMul", ["h", "w2"], "y")], [("x", [-1, 32])], ["y"],
            [("w1", [32, 32], easy), ("w2", [32, 32], TestModels.Random(2, 32 * 32))]);
    }

    private static Gen<LayerCurve> Curve() => Gen.Select(Gen.Double[0.001, 1], Gen.Double[0.001, 1], Gen.Double[0.001, 1])
        .Select((first, second, third) => new LayerCurve("w", 100, Grid, [first, first + second, first + (2 * second) + third]));

    private static double At(LayerCurve layer, double sparsity)
    {
        for (var point = 1; point < layer.Sparsities.Count; point++)
        {
            var (from, to) = (layer.Sparsities[point - 1], layer.Sparsities[point]);
            if (sparsity <= to)
                return layer.Errors[point - 1] + ((sparsity - from) / (to - from) * (layer.Errors[point] - layer.Errors[point - 1]));
        }
        return layer.Errors[^1];
    }
}
