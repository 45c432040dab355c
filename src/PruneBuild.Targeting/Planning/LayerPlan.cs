namespace PruneBuild.Targeting;

/// <summary>The kernel chosen for one layer, and what it was chosen from.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Chosen">One of <paramref name="Candidates"/>.</param>
/// <param name="Reason">The decision with its numbers, one sentence.</param>
/// <param name="Candidates">All kernels, those with an obstacle included.</param>
public sealed record LayerPlan(
    LayerShape Layer,
    KernelCandidate Chosen,
    string Reason,
    IReadOnlyList<KernelCandidate> Candidates);
