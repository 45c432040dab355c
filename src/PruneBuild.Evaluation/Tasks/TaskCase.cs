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

/// <summary>A case that asks the model several times: a pair of texts, a query, the windows of a text, the choices of a question.</summary>
/// <param name="Inputs">What the model is asked, in order.</param>
internal sealed record TaskCase(IReadOnlyList<ModelInput> Inputs)
{
    /// <summary>Bytes in UTF-8: of each choice, or of the whole text; empty or 0 where nobody says.</summary>
    public IReadOnlyList<int> Bytes { get; init; } = [];

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
/// <param name="Case">The case itself.</param>
internal sealed record TaskCaseLine(string Id, SourceLocation IdAt, string Slice, string? Cluster, bool IsCritical, int Answer, TaskCase Case);
