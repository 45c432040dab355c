using System.Collections.Concurrent;

namespace PruneBuild.Evaluation.Judging;

/// <summary>Keeps the labels that a judge gave, by hashes of judge and question. Errors are never kept. It may be asked from several threads.</summary>
public interface IJudgementStore
{
    /// <summary>The label of a question; null when it was not asked.</summary>
    string? Find(string question);

    /// <summary>Keeps a label.</summary>
    void Add(string question, string label);
}

/// <summary>Keeps them in memory.</summary>
public sealed class JudgementMemory : IJudgementStore
{
    private readonly ConcurrentDictionary<string, string> _labels = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string? Find(string question) => _labels.GetValueOrDefault(question);

    /// <inheritdoc/>
    public void Add(string question, string label) => _labels[question] = label;
}
