using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.LayerRatios;

/// <summary>The ways to divide sparsity that a recipe can name. A new one is its file and a line here.</summary>
public static class LayerRatioMethods
{
    private static readonly ILayerRatios[] Registered =
    [
        new UniformRatios(),
        new OutputErrorRatios(),
        new MeasuredLossRatios(),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Registered.Select(ratios => ratios.Name)];

    /// <summary>The method of a name.</summary>
    /// <exception cref="PruneBuildException">PB1012: there is none.</exception>
    public static ILayerRatios Get(string name) =>
        Registered.FirstOrDefault(ratios => ratios.Name == name)
        ?? throw new PruneBuildException("PB1012", name, "layer ratios", $"use one of {string.Join(", ", Names)}");
}
