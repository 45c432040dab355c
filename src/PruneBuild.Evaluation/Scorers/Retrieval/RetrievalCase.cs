namespace PruneBuild.Evaluation.Scorers;

/// <summary>What a search found for one query.</summary>
/// <param name="Ranked">Ids of documents, the best first, each once.</param>
/// <param name="Relevance">How relevant documents are, 0 or more; those that are missing are not relevant.</param>
public sealed record RetrievalCase(IReadOnlyList<string> Ranked, IReadOnlyDictionary<string, double> Relevance)
{
    /// <summary>Number of relevant documents.</summary>
    internal int Relevant => Relevance.Values.Count(relevance => relevance > 0);

    /// <summary>Why the query cannot be scored; null when it can.</summary>
    internal string? Problem()
    {
        if (Relevance.Values.Any(relevance => !double.IsFinite(relevance) || relevance < 0)) return "a relevance is not a number of 0 or more";
        if (Relevant == 0) return "no document is relevant";
        var seen = new HashSet<string>(Ranked.Count, StringComparer.Ordinal);
        return Ranked.FirstOrDefault(id => !seen.Add(id)) is { } twice ? $"document '{twice}' is ranked twice" : null;
    }

    /// <summary>The relevance of the document at a rank.</summary>
    internal double RelevanceAt(int rank) => Relevance.TryGetValue(Ranked[rank], out var relevance) ? relevance : 0;
}
