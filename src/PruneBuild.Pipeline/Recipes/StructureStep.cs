using PruneBuild.Compression.Structured;

namespace PruneBuild.Pipeline;

/// <summary>The structured pruning step: whole channels and neurons go, before any single weight does.</summary>
/// <param name="Budget">What must stay at most.</param>
public sealed record StructureStep(StructuredBudget Budget)
{
    /// <summary>How units are scored.</summary>
    public string Criterion { get; init; } = "l2";

    /// <summary>uniform or output-error.</summary>
    public string Widths { get; init; } = "uniform";

    /// <summary>none, bias, linear or least-squares.</summary>
    public string Recovery { get; init; } = "none";

    /// <summary>Kept widths are multiples of this; null for what the kernels want.</summary>
    public int? Align { get; init; }

    /// <summary>Layers whose units stay.</summary>
    public IReadOnlyList<LayerName> Skip { get; init; } = [];
}
