namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Starts with the cheapest options and then always pays where a unit of cost saves the most loss. Of equal gains the earlier weight
/// goes first. Near the best, but a step too dear for what is left of the budget is passed over rather than paid for elsewhere.
/// </summary>
public sealed class GreedySearch : IPrecisionSearch
{
    /// <inheritdoc/>
    public string Name => "greedy";

    /// <inheritdoc/>
    public PrecisionAllocation? Within(IReadOnlyList<IReadOnlyList<PrecisionOption>> weights, double mostCost)
    {
        var allocation = Cheapest(weights);
        if (allocation.Cost > mostCost)
            return null;
        while (Step(weights, allocation, mostCost) is { } better)
            allocation = better;
        return allocation;
    }

    /// <inheritdoc/>
    public PrecisionAllocation? Until(IReadOnlyList<IReadOnlyList<PrecisionOption>> weights, double mostLoss)
    {
        var allocation = Cheapest(weights);
        while (allocation.Loss > mostLoss)
        {
            if (Step(weights, allocation, double.PositiveInfinity) is not { } better)
                return null;
            allocation = better;
        }
        return allocation;
    }

    private static PrecisionAllocation Cheapest(IReadOnlyList<IReadOnlyList<PrecisionOption>> weights) =>
        PrecisionAllocation.Of(weights, [.. weights.Select(options => Enumerable.Range(0, options.Count).MinBy(index => (options[index].Cost, options[index].Loss)))]);

    private static PrecisionAllocation? Step(IReadOnlyList<IReadOnlyList<PrecisionOption>> weights, PrecisionAllocation allocation, double mostCost)
    {
        (int Weight, int Option, double Gain) best = (-1, -1, 0);
        for (var weight = 0; weight < weights.Count; weight++)
        {
            var now = weights[weight][allocation.Chosen[weight]];
            for (var index = 0; index < weights[weight].Count; index++)
            {
                var option = weights[weight][index];
                // What is dearer or equal and loses no less is no step up.
                if (option.Loss >= now.Loss || option.Cost <= now.Cost || allocation.Cost - now.Cost + option.Cost > mostCost)
                    continue;
                if ((now.Loss - option.Loss) / (option.Cost - now.Cost) is var gain && gain > best.Gain)
                    best = (weight, index, gain);
            }
        }
        if (best.Weight < 0)
            return null;
        var chosen = allocation.Chosen.ToArray();
        chosen[best.Weight] = best.Option;
        var next = PrecisionAllocation.Of(weights, chosen);
        // Sums in another order may differ by rounding; the budget holds for the sum that is reported.
        return next.Cost <= mostCost ? next : null;
    }
}
