namespace PruneBuild.Compression.Drift;

/// <summary>Where greedy continuations of an edited model leave those of its parent.</summary>
/// <param name="Prompts">Beginnings that were continued.</param>
/// <param name="Tokens">Tokens of a continuation.</param>
/// <param name="MeanAgreement">Mean number of tokens before the first that differs; all of them where none does.</param>
/// <param name="Identical">Share of continuations without a difference.</param>
public sealed record GenerationDrift(int Prompts, int Tokens, double MeanAgreement, double Identical)
{
    /// <summary>Compares continuations.</summary>
    /// <param name="parent">[prompts][tokens].</param>
    /// <param name="edited">As many, as long.</param>
    public static GenerationDrift Of(IReadOnlyList<long[]> parent, IReadOnlyList<long[]> edited)
    {
        var agreed = parent.Zip(edited, (one, other) => one.AsSpan().CommonPrefixLength(other)).ToList();
        var tokens = parent.Count == 0 ? 0 : parent[0].Length;
        return new GenerationDrift(parent.Count, tokens, agreed.DefaultIfEmpty().Average(), agreed.Count == 0 ? 1 : agreed.Count(count => count == tokens) / (double)agreed.Count);
    }
}
