namespace PruneBuild.Evaluation;

/// <summary>One line of a JSONL case file.</summary>
/// <param name="Id">Unique name.</param>
/// <param name="IdAt">Where the name is.</param>
/// <param name="Slice">Slice it belongs to.</param>
/// <param name="Input">Numbers in stored order; the array is reused for the next case of the file.</param>
/// <param name="Label">Right class, or <see cref="CaseSet.NoLabel"/>.</param>
/// <param name="Cluster">Name of the cluster of dependent cases that it belongs to, or null.</param>
/// <param name="IsCritical">Whether a wrong answer fails the gate.</param>
/// <param name="Target">Right number of a regression, or null.</param>
internal sealed record JsonlCase(
    string Id, SourceLocation IdAt, string Slice, float[] Input, int Label, string? Cluster, bool IsCritical, double? Target = null);
