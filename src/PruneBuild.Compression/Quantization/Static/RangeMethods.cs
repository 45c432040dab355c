using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Quantization;

/// <summary>The methods that choose ranges of activations. A new one is its file and a line here.</summary>
public static class RangeMethods
{
    private static readonly IRangeMethod[] Registered =
    [
        new MinMaxRange(),
        new PercentileRange(),
        new EntropyRange(),
        new MeanSquaredErrorRange(),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Registered.Select(method => method.Name)];

    /// <summary>The method of a name.</summary>
    /// <exception cref="PruneBuildException">PB1012: there is none.</exception>
    public static IRangeMethod Get(string name) =>
        Array.Find(Registered, method => method.Name == name)
        ?? throw new PruneBuildException("PB1012", name, "calibrate", $"use one of {string.Join(", ", Names)}");
}
