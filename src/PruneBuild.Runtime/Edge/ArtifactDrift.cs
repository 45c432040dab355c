namespace PruneBuild.Runtime;

/// <summary>How far the numbers of the compressed model are from its dense parent's on calibration data; <c>drift.json</c> has every block and layer.</summary>
/// <param name="Parent">What it was compared with.</param>
/// <param name="Both">All that was done.</param>
public sealed record ArtifactDrift(string Parent, ArtifactModelDrift Both)
{
    /// <summary>Pruning and what repairs it, alone; missing where nothing was quantized.</summary>
    public ArtifactModelDrift? Pruning { get; init; }

    /// <summary>Quantization of the dense parent, alone; missing unless the recipe asks for the interaction.</summary>
    public ArtifactModelDrift? Quantization { get; init; }

    /// <summary>What pruning and quantization do together beyond what each does alone; missing unless the recipe asks for it.</summary>
    public IReadOnlyList<ArtifactInteraction>? Interaction { get; init; }
}

/// <summary>The drift of one model. Figures that do not exist, or are not finite, are missing.</summary>
/// <param name="OutputError">Relative error of the first output.</param>
/// <param name="Kl">Mean divergence from the parent in nats.</param>
/// <param name="Kl95">The divergence that 95 % of the rows do not exceed.</param>
/// <param name="Kl99">The divergence that 99 % of the rows do not exceed.</param>
/// <param name="Top1">Share of rows whose highest class is the parent's.</param>
/// <param name="LossChange">Loss on the labels beyond the parent's in nats.</param>
/// <param name="BlockCosine">The worst mean cosine of a block.</param>
/// <param name="LayerError">Mean relative output error of the layers.</param>
/// <param name="GreedyAgreement">Mean number of tokens before a greedy continuation leaves the parent's.</param>
/// <param name="Largest">The largest magnitude of an inner value.</param>
/// <param name="NonFinite">Numbers in blocks and output that are not finite.</param>
public sealed record ArtifactModelDrift(
    double? OutputError = null, double? Kl = null, double? Kl95 = null, double? Kl99 = null, double? Top1 = null, double? LossChange = null,
    double? BlockCosine = null, double? LayerError = null, double? GreedyAgreement = null, double? Largest = null, long NonFinite = 0);

/// <summary>What pruning and quantization do to one figure, as differences from the dense parent.</summary>
/// <param name="Figure">For example <c>kl</c>.</param>
/// <param name="Pruning">Pruning alone; missing where it is not finite.</param>
/// <param name="Quantization">Quantization alone.</param>
/// <param name="Both">Both.</param>
/// <param name="Rest">What is not additive: both − pruning − quantization.</param>
public sealed record ArtifactInteraction(string Figure, double? Pruning, double? Quantization, double? Both, double? Rest);
