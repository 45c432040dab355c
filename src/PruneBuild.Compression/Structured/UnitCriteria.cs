using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Structured;

/// <summary>The criteria of structured pruning that a recipe can name. A new one is its file and a line here.</summary>
public static class UnitCriteria
{
    private static readonly IUnitCriterion[] Registered =
    [
        new WeightNorm(1),
        new WeightNorm(2),
        new Fluctuation(),
        new ActivationEnergy(),
        new WeightRange(),
        new FeatureSpace(),
        new TaylorImportance(TaylorOrder.First),
        new TaylorImportance(TaylorOrder.Second),
        new TaylorImportance(TaylorOrder.Mixed),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Registered.Select(criterion => criterion.Name)];

    /// <summary>The criterion of a name.</summary>
    /// <exception cref="PruneBuildException">PB1012: there is none.</exception>
    public static IUnitCriterion Get(string name) =>
        Registered.FirstOrDefault(criterion => criterion.Name == name)
        ?? throw new PruneBuildException("PB1012", name, "criterion", $"use one of {string.Join(", ", Names)}");
}
