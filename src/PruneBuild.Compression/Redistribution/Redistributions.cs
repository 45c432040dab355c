using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Redistribution;

/// <summary>The redistributions that a recipe can name. A new one is its file and a line here.</summary>
public static class Redistributions
{
    private static readonly IRedistribution[] Registered =
    [
        new ReaderNormFolding(),
        new ActivationNormFolding(),
        new CrossLayerEqualization(),
        new PrincipalRotation(),
        new HadamardRotation(),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Registered.Select(method => method.Name)];

    /// <summary>The method of a name.</summary>
    /// <exception cref="PruneBuildException">PB1012: there is none.</exception>
    public static IRedistribution Get(string name) =>
        Registered.FirstOrDefault(method => method.Name == name)
        ?? throw new PruneBuildException("PB1012", name, "redistribution", $"use one of {string.Join(", ", Names)}");
}
