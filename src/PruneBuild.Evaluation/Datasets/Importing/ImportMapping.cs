namespace PruneBuild.Evaluation.Datasets;

/// <summary>Which columns, or keys of a JSON line, become which part of a case.</summary>
/// <param name="Input">Names of what becomes the input: one is taken as it is, several as a list of numbers.</param>
public sealed record ImportMapping(IReadOnlyList<string> Input)
{
    /// <summary>What becomes the id; null for the name of the file and the number of the row.</summary>
    public string? Id { get; init; }

    /// <summary>What becomes the label; null where cases have none.</summary>
    public string? Label { get; init; }

    /// <summary>What becomes the slice; null for <see cref="DefaultSlice"/>.</summary>
    public string? Slice { get; init; }

    /// <summary>Slice of cases that name none.</summary>
    public string DefaultSlice { get; init; } = "common";
}
