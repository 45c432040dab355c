namespace PruneBuild.Evaluation.Datasets;

/// <summary>What stays in memory of one case while a dataset is checked: hashes and names, not its content.</summary>
internal sealed record DatasetCase
{
    /// <summary>Name of the split.</summary>
    public required string Split { get; init; }

    /// <summary>Path of the file; line 0 in a tensor file.</summary>
    public required SourceLocation At { get; init; }

    /// <summary>The id; empty when it has none.</summary>
    public required string Id { get; init; }

    /// <summary>The slice; empty when it has none.</summary>
    public required string Slice { get; init; }

    /// <summary>What is right, as canonical JSON; null when the case does not say.</summary>
    public string? Gold { get; init; }

    /// <summary>Where that is written.</summary>
    public SourceLocation GoldAt { get; init; }

    /// <summary>Whether <see cref="Gold"/> is a class and not a text to compare with.</summary>
    public bool HasLabel { get; init; }

    /// <summary>See <see cref="CanonicalCase.Meaning(System.Text.Json.JsonElement)"/>; null without an input.</summary>
    public UInt128? Meaning { get; init; }

    /// <summary>Hash of the whole case.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>Hash of what scores depend on.</summary>
    public required byte[] Scored { get; init; }

    /// <summary>MinHash signature of the texts of its input; null without texts or when nothing is to be compared.</summary>
    public uint[]? Signature { get; init; }

    /// <summary>As in messages: file, line and column, or the tensor file and the index in it.</summary>
    public string Place => At.Line == 0 ? Id : FormattableString.Invariant($"{Path.GetFileName(At.File)}({At.Line},{At.Column})");
}
