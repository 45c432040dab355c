namespace PruneBuild.Compression.Quantization;

/// <summary>
/// The best options of all: a multiple-choice knapsack by dynamic programming over lists of undominated sums (Nemhauser and Ullmann
/// 1969, "Discrete Dynamic Programming and Capital Allocation"). Exact while a list holds at most <see cref="MostSums"/> sums, as those
/// of weights of few different shapes do; of longer lists one sum in every so small a part of the cost range is kept, still within every bound.
/// </summary>
public sealed class KnapsackSearch : IPrecisionSearch
{
    private const int MostSums = 1 << 17;

    /// <inheritdoc/>
    public string Name => "knapsack";

    /// <inheritdoc/>
    public PrecisionAllocation? Within(IReadOnlyList<IReadOnlyList<PrecisionOption>> weights, double mostCost) =>
        Best(weights, mostCost, double.PositiveInfinity, sums => sums.Count - 1);

    /// <inheritdoc/>
    public PrecisionAllocation? Until(IReadOnlyList<IReadOnlyList<PrecisionOption>> weights, double mostLoss) =>
        Best(weights, double.PositiveInfinity, mostLoss, _ => 0);

    private static PrecisionAllocation? Best(
        IReadOnlyList<IReadOnlyList<PrecisionOption>> weights, double mostCost, double mostLoss, Func<IReadOnlyList<Sum>, int> pick)
    {
        var steps = new List<(int From, byte Option)[]>(weights.Count);
        List<Sum> sums = [new Sum(0, 0, -1, 0)];
        for (var weight = 0; weight < weights.Count; weight++)
        {
            var rest = weights.Skip(weight + 1);
            var (cheapest, least) = (rest.Sum(options => options.Min(option => option.Cost)), rest.Sum(options => options.Min(option => option.Loss)));
            sums = Undominated(Extended(sums, weights[weight]), mostCost - cheapest, mostLoss - least);
            if (sums.Count == 0)
                return null;
            steps.Add([.. sums.Select(sum => (sum.From, sum.Option))]);
        }
        var chosen = new int[weights.Count];
        var place = pick(sums);
        for (var weight = weights.Count - 1; weight >= 0; weight--)
            (place, chosen[weight]) = steps[weight][place];
        return PrecisionAllocation.Of(weights, chosen);
    }

    /// <summary>Every sum with every option, by rising cost and of equal costs by rising loss: the lists of the options, each in that order, merged.</summary>
    private static IEnumerable<Sum> Extended(List<Sum> sums, IReadOnlyList<PrecisionOption> options)
    {
        var next = new int[options.Count];
        while (true)
        {
            Sum? least = null;
            for (var index = 0; index < options.Count; index++)
            {
                if (next[index] == sums.Count)
                    continue;
                var (sum, option) = (sums[next[index]], options[index]);
                var extended = new Sum(sum.Cost + option.Cost, sum.Loss + option.Loss, next[index], (byte)index);
                if (least is not { } known || extended.Cost < known.Cost || (extended.Cost == known.Cost && extended.Loss < known.Loss))
                    least = extended;
            }
            if (least is not { } found)
                yield break;
            next[found.Option]++;
            yield return found;
        }
    }

    /// <summary>By rising cost, each with less loss than all before it; of equal sums the first.</summary>
    private static List<Sum> Undominated(IEnumerable<Sum> sums, double mostCost, double mostLoss)
    {
        var kept = new List<Sum>();
        foreach (var sum in sums)
        {
            if (sum.Cost <= mostCost && sum.Loss <= mostLoss && (kept.Count == 0 || sum.Loss < kept[^1].Loss))
                kept.Add(sum);
        }
        return kept.Count <= MostSums ? kept : Thinned(kept);
    }

    private static List<Sum> Thinned(List<Sum> sums)
    {
        var (first, width) = (sums[0].Cost, (sums[^1].Cost - sums[0].Cost) / (MostSums - 1));
        // The last of a part has its least loss.
        return [.. sums.GroupBy(sum => (long)((sum.Cost - first) / width)).Select(part => part.Last())];
    }

    private readonly record struct Sum(double Cost, double Loss, int From, byte Option);
}
