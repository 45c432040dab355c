using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>What is measured of the drift from the dense parent, and how far it may go.</summary>
/// <param name="At">Where the recipe asks for it.</param>
public sealed record DriftStep(SourceLocation At)
{
    /// <summary>Whether the dense parent is quantized alone as well, to tell what pruning and quantization do to each other.</summary>
    public bool Interaction { get; init; }

    /// <summary>Whether a gate that is not passed fails the build.</summary>
    public bool IsError { get; init; }

    /// <summary>The gates.</summary>
    public IReadOnlyList<DriftGate> Gates { get; init; } = [];
}

/// <summary>A bound on one figure.</summary>
/// <param name="Figure">blockCosine, kl, top1 or nonFinite.</param>
/// <param name="Threshold">The bound.</param>
/// <param name="At">Where the recipe gives it, or where the section is for one that it leaves out.</param>
/// <param name="IsGiven">Whether the recipe gives it.</param>
public sealed record DriftGate(string Figure, double Threshold, SourceLocation At, bool IsGiven);
