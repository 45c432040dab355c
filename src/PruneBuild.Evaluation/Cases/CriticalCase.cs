namespace PruneBuild.Evaluation;

/// <summary>A case that the candidate must answer right.</summary>
/// <param name="Index">Number of the case in its <see cref="CaseSet"/>.</param>
/// <param name="Id">Its id.</param>
/// <param name="File">The case file as written in the harness; null when the harness itself names the case.</param>
/// <param name="Location">Where the case is, or where the harness names it.</param>
public sealed record CriticalCase(int Index, string Id, string? File, SourceLocation Location);
