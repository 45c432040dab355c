using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Quantization;

/// <summary>The methods that quantize weights in groups. A new one is its file and a line here.</summary>
public static class GroupQuantizers
{
    private static readonly IGroupQuantizer[] Registered =
    [
        new RoundToNearest(),
        new ClipSearch(),
        new Gptq(),
        new Hqq(),
        new ActivationAwareClip(),
        new Gptq(scaled: true),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Registered.Select(method => method.Name)];

    /// <summary>The method of a name.</summary>
    /// <exception cref="PruneBuildException">PB1012: there is none.</exception>
    public static IGroupQuantizer Get(string name) =>
        Array.Find(Registered, method => method.Name == name)
        ?? throw new PruneBuildException("PB1012", name, "method", $"use one of {string.Join(", ", Names)}");
}
