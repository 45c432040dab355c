using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Criteria;

/// <summary>The criteria a recipe can name. A new one is its file and a line here.</summary>
public static class PruningCriteria
{
    private static readonly IPruningCriterion[] Registered =
    [
        new Magnitude(),
        new Wanda(),
        new SparseGpt(),
        new OptimalBrainCompression(),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Registered.Select(criterion => criterion.Name)];

    /// <summary>The criterion of a name.</summary>
    /// <exception cref="PruneBuildException">PB1012: there is none.</exception>
    public static IPruningCriterion Get(string name) =>
        Registered.FirstOrDefault(criterion => criterion.Name == name)
        ?? throw new PruneBuildException("PB1012", name, "criterion", $"use one of {string.Join(", ", Names)}");
}
