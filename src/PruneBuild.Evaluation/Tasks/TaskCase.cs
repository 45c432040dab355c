namespace PruneBuild.Evaluation;

/// <summary>Something that the model is asked once: tokens or numbers, one of the two.</summary>
/// <param name="Tokens">Token ids.</param>
/// <param name="Numbers">The normalised tensor.</param>
/// <param name="FirstScored">The first token whose likelihood counts, 1 or more.</param>
internal sealed record ModelInput(int[] Tokens, float[] Numbers, int FirstScored = 1)
{
    public static ModelInput OfTokens(int[] tokens, int firstScored = 1) => new(tokens, [], firstScored);

    public static ModelInput OfNumbers(float[] numbers) => new([], numbers);
}

/// <summary>Tokens of a window that stand beside each other.</summary>
/// <param name="From">The place of the first in the window.</param>
/// <param name="End">The place after the last.</param>
internal readonly record struct TokenRange(int From, int End)
{
    public int Count => End - From;

    /// <summary>The scored tokens of a window from one place to before another; none where it has none there.</summary>
    public static TokenRange Within(ModelInput window, int from, int end)
    {
        var first = Math.Clamp(from, window.FirstScored, window.Tokens.Length);
        return new TokenRange(first, Math.Clamp(end, first, window.Tokens.Length));
    }
}

/// <summary>A case that asks the model several times: a pair of texts, a query, the windows of a text, the choices of a question.</summary>
/// <param name="Inputs">What the model is asked, in order.</param>
internal sealed record TaskCase(IReadOnlyList<ModelInput> Inputs)
{
    /// <summary>Bytes in UTF-8: of each choice, or of the whole text; empty or 0 where nobody says.</summary>
    public IReadOnlyList<int> Bytes { get; init; } = [];

    /// <summary>The tokens of each window that belong to this part of a text; null where all scored ones do.</summary>
    public IReadOnlyList<TokenRange>? Scored { get; init; }

    /// <summary>The scored tokens of a window, or those of them that belong to this part.</summary>
    public TokenRange RangeOf(int window) => Scored?[window] ?? new TokenRange(Inputs[window].FirstScored, Inputs[window].Tokens.Length);

    /// <summary>How many tokens the model has before what is judged, or one such number of the part; null where nobody asks.</summary>
    public int? Context { get; init; }

    /// <summary>What is asked of a model that writes; null for other tasks.</summary>
    public WritingCase? Writing { get; init; }

    /// <summary>How similar people find the pair.</summary>
    public double? Similarity { get; init; }

    /// <summary>How relevant documents are to the query.</summary>
    public IReadOnlyDictionary<string, double>? Relevance { get; init; }
}

/// <summary>One document that queries may find.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Input">What the model is asked.</param>
internal sealed record CorpusDocument(string Id, ModelInput Input);

/// <summary>A case with what all cases have.</summary>
/// <param name="Id">Unique name.</param>
/// <param name="IdAt">Where the name is.</param>
/// <param name="Slice">Slice it belongs to.</param>
/// <param name="Cluster">Name of its cluster, or null.</param>
/// <param name="IsCritical">Whether a wrong answer fails the gate.</param>
/// <param name="Answer">Right answer, or <see cref="CaseSet.NoLabel"/>.</param>
/// <param name="Parts">The case itself, or the parts of its text by context length.</param>
internal sealed record TaskCaseLine(string Id, SourceLocation IdAt, string Slice, string? Cluster, bool IsCritical, int Answer, IReadOnlyList<TaskCase> Parts);
