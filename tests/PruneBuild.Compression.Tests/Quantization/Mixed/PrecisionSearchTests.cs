using CsCheck;
using PruneBuild.Compression.Quantization;
using PruneBuild.Runtime;

namespace PruneBuild.Compression.Tests.Quantization.Mixed;

public sealed class PrecisionSearchTests
{
    private static readonly IPrecisionSearch Greedy = PrecisionSearches.Get("greedy");
    private static readonly IPrecisionSearch Knapsack = PrecisionSearches.Get("knapsack");

    // Whole numbers: sums in any order are the same.
    private static readonly Gen<PrecisionOption[][]> Weights =
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, 30], (cost, loss) => new PrecisionOption(WeightPrecision.FourBit, cost, loss)).Array[1, 3].Array[1, 7];

    [Fact]
    public void The_knapsack_is_as_good_as_trying_everything() =>
        Gen.Select(Weights, Gen.Int[0, 200]).Sample((weights, bound) =>
        {
            var all = All(weights).ToList();
            var within = all.Where(found => found.Cost <= bound).OrderBy(found => found.Loss).FirstOrDefault();
            var best = Knapsack.Within(weights, bound);
            Assert.Equal(within?.Loss, best?.Loss);
            Assert.True(best is null || best.Cost <= bound);
            var until = all.Where(found => found.Loss <= bound).OrderBy(found => found.Cost).FirstOrDefault();
            var cheapest = Knapsack.Until(weights, bound);
            Assert.Equal(until?.Cost, cheapest?.Cost);
            Assert.True(cheapest is null || cheapest.Loss <= bound);
        }, iter: 2000);

    [Fact]
    public void Greedy_never_breaks_a_bound_and_never_beats_the_knapsack() =>
        Gen.Select(Weights, Gen.Int[0, 200]).Sample((weights, bound) =>
        {
            var (greedy, best) = (Greedy.Within(weights, bound), Knapsack.Within(weights, bound));
            Assert.Equal(best is null, greedy is null);
            Assert.True(greedy is null || (greedy.Cost <= bound && greedy.Loss >= best!.Loss));
            Assert.True(Greedy.Until(weights, bound) is not { } until || until.Loss <= bound);
            Assert.Equal(greedy?.Chosen, Greedy.Within(weights, bound)?.Chosen);
            Assert.Equal(best?.Chosen, Knapsack.Within(weights, bound)?.Chosen);
        }, iter: 2000);

    [Fact]
    public void A_larger_budget_never_loses_more() =>
        Gen.Select(Weights, Gen.Int[0, 100], Gen.Int[0, 100]).Sample((weights, bound, more) =>
        {
            if (Knapsack.Within(weights, bound) is { } one)
                Assert.True(Knapsack.Within(weights, bound + more)!.Loss <= one.Loss);
        }, iter: 1000);

    [Fact]
    public void A_planted_layer_gets_the_bits()
    {
        PrecisionOption[][] weights = [.. Enumerable.Range(0, 8).Select(index => new PrecisionOption[]
        {
            new(WeightPrecision.FourBit, 50, index == 5 ? 1 : 0.01), new(WeightPrecision.EightBit, 90, index == 5 ? 0.1 : 0.001), new(WeightPrecision.FullPrecision, 320, 0),
        })];
        foreach (var search in new[] { Greedy, Knapsack })
        {
            // Room for one of 8 bits, and no more.
            var found = search.Within(weights, (8 * 50) + 40)!;
            Assert.Equal(Enumerable.Range(0, 8).Select(index => index == 5 ? 1 : 0), found.Chosen);
            Assert.Equal(440, found.Cost);
            Assert.Equal(Enumerable.Repeat(2, 8), search.Within(weights, 1e9)!.Chosen);
            Assert.Null(search.Within(weights, 399));
            Assert.Null(search.Until(weights, -1e-9));
            Assert.Equal(found.Chosen, search.Until(weights, 0.2)!.Chosen);
        }
    }

    [Fact]
    public void Many_weights_of_many_sizes_stay_within_the_budget()
    {
        // Sums outgrow the list; what is thinned out may cost a little of the optimum and nothing of the bound.
        var random = new Random(1);
        PrecisionOption[][] weights = [.. Enumerable.Range(0, 40).Select(_ => random.Next(1_000_000, 90_000_000) is var size && random.NextDouble() is var loss
            ? new PrecisionOption[] { new(WeightPrecision.FourBit, size, loss), new(WeightPrecision.EightBit, 2.0 * size, loss / 200) } : [])];
        var budget = weights.Sum(options => options[0].Cost) * 1.5;
        var (greedy, best) = (Greedy.Within(weights, budget)!, Knapsack.Within(weights, budget)!);
        Assert.True(best.Cost <= budget && greedy.Cost <= budget);
        Assert.True(best.Loss <= greedy.Loss * 1.001);
    }

    [Fact]
    public void A_bound_on_the_measured_loss_is_tightened_until_the_model_keeps_it()
    {
        PrecisionOption[][] weights = [.. Enumerable.Range(0, 6).Select(_ => new PrecisionOption[] { new(WeightPrecision.FourBit, 1, 0.1), new(WeightPrecision.EightBit, 2, 0.01) })];
        // The whole is worse than the sum of its parts.
        var (allocation, measured) = MixedSearch.Until(Knapsack, weights, 0.4, found => 2 * found.Loss);
        Assert.True(measured <= 0.4);
        Assert.Equal(1, allocation.Chosen.Count(option => option == 0));
        var (best, out_) = MixedSearch.Until(Greedy, weights, 0.01, found => 2 * found.Loss);
        Assert.Equal(Enumerable.Repeat(1, 6), best.Chosen);
        Assert.Equal(0.12, out_, 1e-12);
    }

    private static IEnumerable<PrecisionAllocation> All(PrecisionOption[][] weights)
    {
        IEnumerable<int[]> chosen = [[]];
        foreach (var options in weights)
            chosen = chosen.SelectMany(before => Enumerable.Range(0, options.Length).Select(index => before.Append(index).ToArray()));
        return chosen.Select(choice => new PrecisionAllocation(
            choice, choice.Select((index, weight) => weights[weight][index].Cost).Sum(), choice.Select((index, weight) => weights[weight][index].Loss).Sum()));
    }
}
