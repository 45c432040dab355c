namespace PruneBuild.Compression.Quantization;

/// <summary>
/// A bound on the loss of the whole model. Losses of single weights hardly ever add up exactly, so the model that was chosen is measured,
/// and where it loses more than the bound, the bound on the sum is tightened in proportion.
/// </summary>
public static class MixedSearch
{
    private const int MostAttempts = 8;

    /// <summary>The cheapest options found whose model loses at most so much.</summary>
    /// <param name="search">How to choose.</param>
    /// <param name="weights">The options of every weight.</param>
    /// <param name="most">The bound.</param>
    /// <param name="measure">The loss of the whole model; called at most nine times.</param>
    /// <returns>What was chosen and its loss. Where nothing keeps the bound: the options of least loss, above it.</returns>
    public static (PrecisionAllocation Allocation, double Measured) Until(
        IPrecisionSearch search, IReadOnlyList<IReadOnlyList<PrecisionOption>> weights, double most, Func<PrecisionAllocation, double> measure)
    {
        var bound = most;
        for (var attempt = 0; attempt < MostAttempts && search.Until(weights, bound) is { } allocation; attempt++)
        {
            var measured = measure(allocation);
            if (measured <= most)
                return (allocation, measured);
            if (allocation.Loss <= 0)
                break;
            bound = Math.Min(bound, allocation.Loss) * most / measured;
        }
        var best = PrecisionAllocation.Of(weights, [.. weights.Select(options => Enumerable.Range(0, options.Count).MinBy(index => (options[index].Loss, options[index].Cost)))]);
        return (best, measure(best));
    }
}
