using CsCheck;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Structured;
using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Tests.LayerRatios;

public sealed class BlockRatiosTests
{
    public static TheoryData<string> Methods => [.. BlockRatioMethods.Names];

    [Theory]
    [MemberData(nameof(Methods))]
    public void The_whole_loses_what_is_asked_for_and_no_layer_more_than_it_can(string method) =>
        Gen.Select(Layers(), Gen.Double[0, 0.9]).Sample((layers, ratio) =>
        {
            var ratios = BlockRatioMethods.Get(method);
            var found = ratios.Allocate(layers.Sizes, ratio, _ => layers.Cosines);
            Assert.Equal(ratio, Mean(layers.Sizes, found), 1e-9);
            Assert.All(found, value => Assert.InRange(value, 0, ratios.Most));
        }, iter: 300, seed: "0N0XIzNsQ0O2", threads: 1);

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_layer_that_changes_its_input_less_never_loses_less(string method) =>
        Gen.Select(Layers(), Gen.Double[0, 0.9]).Sample((layers, ratio) =>
        {
            var found = BlockRatioMethods.Get(method).Allocate(layers.Sizes, ratio, _ => layers.Cosines);
            for (var layer = 0; layer < found.Length; layer++)
                for (var other = 0; other < found.Length; other++)
                    Assert.True(layers.Cosines[layer] <= layers.Cosines[other] || found[layer] >= found[other] - 1e-9);
        }, iter: 300, seed: "0N0XIzNsQ0O2", threads: 1);

    [Fact]
    public void Below_the_limit_two_layers_lose_in_the_ratio_of_their_exponentials()
    {
        double[] cosines = [0.80, 0.95, 0.70, 0.90, 0.85];
        var found = new SlimLlmRatios(alpha: 10, share: 0.6).Allocate([1, 1, 1, 1, 1], 0.2, _ => cosines);
        Assert.Equal(0, found[0]);
        Assert.Equal(0, found[2]);
        Assert.Equal(Math.Exp(10 * 0.05), found[1] / found[3], 1e-9);
        Assert.Equal(Math.Exp(10 * 0.10), found[1] / found[4], 1e-9);
    }

    [Fact]
    public void What_a_layer_at_the_limit_cannot_give_comes_from_the_others_in_proportion()
    {
        double[] cosines = [0.99, 0.5, 0.55, 0.2];
        var found = new SlimLlmRatios(alpha: 10, share: 0.75).Allocate([1, 2, 3, 4], 0.2, _ => cosines);
        Assert.Equal(0.9, found[0]);
        Assert.Equal(Math.Exp(10 * 0.05), found[2] / found[1], 1e-9);
        Assert.Equal(0, found[3]);
        Assert.Equal(0.2, Mean([1, 2, 3, 4], found), 1e-9);
        // More than three layers can give: the last one is taken as well.
        Assert.True(new SlimLlmRatios(alpha: 10, share: 0.75).Allocate([1, 2, 3, 4], 0.7, _ => cosines)[3] > 0);
    }

    [Fact]
    public void Without_alpha_the_chosen_layers_lose_the_same() =>
        Assert.All(new SlimLlmRatios(alpha: 0, share: 1).Allocate([1, 1, 1], 0.3, _ => [0.9, 0.5, 0.1]), ratio => Assert.Equal(0.3, ratio, 1e-9));

    [Fact]
    public void A_step_is_its_share_less_the_normalized_importance()
    {
        Assert.Equal([-1.0, 0.5, 0.5], AdaptPrunerRatios.Importance([0.9, 0.6, 0.6]).Select(value => Math.Round(value, 9)));
        // Two steps of 0.1: 0.1 − 0.02 × (−1) and 0.1 − 0.02 × 0.5, twice.
        var found = new AdaptPrunerRatios(steps: 2, amplitude: 0.02).Allocate([1, 1, 1], 0.2, _ => [0.9, 0.6, 0.6]);
        Assert.Equal([0.24, 0.18, 0.18], found.Select(value => Math.Round(value, 9)));
    }

    [Fact]
    public void Equal_layers_lose_the_same() =>
        Assert.All(new AdaptPrunerRatios().Allocate([1, 2, 3], 0.3, _ => [0.7, 0.7, 0.7]), ratio => Assert.Equal(0.3, ratio, 1e-9));

    [Fact]
    public void Every_step_asks_about_the_model_that_the_steps_before_left()
    {
        var asked = new List<double[]>();
        var found = new AdaptPrunerRatios(steps: 10, amplitude: 0.02).Allocate([1, 1, 1], 0.3, gone =>
        {
            asked.Add([.. gone]);
            // The more a layer has lost, the more it changes: none may run away.
            return [.. gone.Select((ratio, layer) => 0.9 - (0.01 * layer) - ratio)];
        });
        Assert.Equal([0.0, 0.0, 0.0], asked[0]);
        Assert.InRange(asked.Count, 10, 20);
        foreach (var (before, after) in asked.Zip(asked.Skip(1)))
            Assert.All(before.Zip(after), pair => Assert.True(pair.Second >= pair.First));
        Assert.All(found, ratio => Assert.InRange(ratio, 0.26, 0.34));
    }

    [Fact]
    public void Remainders_are_carried_to_whole_units()
    {
        // 0.8 of a group each: four of five lose one, none half of one.
        Assert.Equal([1, 1, 1, 1, 0], UnitCounts.Removed([4, 4, 4, 4, 4], [0.2, 0.2, 0.2, 0.2, 0.2]));
        Assert.Equal([0, 2, 1], UnitCounts.Removed([10, 10, 10], [0.09, 0.2, 0.1]));
        // One stays.
        Assert.Equal([3, 0], UnitCounts.Removed([4, 4], [0.99, 0]));
        Assert.Equal(3, UnitCounts.Removed([4, 4, 4], [0.3, 0.3, 0.3]).Sum());
    }

    [Fact]
    public void An_unknown_method_is_refused() =>
        Assert.Equal("PB1012", Assert.Throws<PruneBuildException>(() => BlockRatioMethods.Get("random")).Diagnostic.Code);

    private static Gen<(double[] Sizes, double[] Cosines)> Layers() =>
        Gen.Int[1, 12].SelectMany(count => Gen.Select(Gen.Double[1, 5].Array[count], Gen.Double[0.3, 1].Array[count]));

    private static double Mean(double[] sizes, double[] ratios) => sizes.Zip(ratios, (size, ratio) => size * ratio).Sum() / sizes.Sum();
}
