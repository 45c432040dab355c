using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Quantization;

/// <summary>Chooses a precision for every weight.</summary>
public interface IPrecisionSearch
{
    /// <summary>The name a recipe uses.</summary>
    string Name { get; }

    /// <summary>Little loss at a bounded cost.</summary>
    /// <param name="weights">The options of every weight; at least one each.</param>
    /// <param name="mostCost">Bound of the summed costs.</param>
    /// <returns>Null where even the cheapest options cost more.</returns>
    PrecisionAllocation? Within(IReadOnlyList<IReadOnlyList<PrecisionOption>> weights, double mostCost);

    /// <summary>Little cost at a bounded loss.</summary>
    /// <param name="weights">The options of every weight; at least one each.</param>
    /// <param name="mostLoss">Bound of the summed losses.</param>
    /// <returns>Null where even the best options lose more.</returns>
    PrecisionAllocation? Until(IReadOnlyList<IReadOnlyList<PrecisionOption>> weights, double mostLoss);
}

/// <summary>The searches. A new one is its file and a line here.</summary>
public static class PrecisionSearches
{
    private static readonly IPrecisionSearch[] Registered = [new GreedySearch(), new KnapsackSearch()];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Registered.Select(search => search.Name)];

    /// <summary>The search of a name.</summary>
    /// <exception cref="PruneBuildException">PB1012: there is none.</exception>
    public static IPrecisionSearch Get(string name) =>
        Array.Find(Registered, search => search.Name == name)
        ?? throw new PruneBuildException("PB1012", name, "search", $"use one of {string.Join(", ", Names)}");
}
