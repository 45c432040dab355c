namespace PruneBuild.Runtime;

/// <summary>What compression did to the model beyond its single layers. A list that has nothing to say is missing from the file.</summary>
public sealed record ArtifactEdits
{
    /// <summary>Residual blocks that were taken out, in order.</summary>
    public IReadOnlyList<ArtifactRemovedBlock>? Depth { get; init; }

    /// <summary>The residual stream, when it was narrowed.</summary>
    public ArtifactDimension? HiddenSize { get; init; }

    /// <summary>What each transformer layer lost.</summary>
    public IReadOnlyList<ArtifactTransformerLayer>? Transformer { get; init; }

    /// <summary>Dimensions that structured pruning looked at.</summary>
    public IReadOnlyList<ArtifactDimension>? Structured { get; init; }

    /// <summary>The budget that decided the sparsity.</summary>
    public ArtifactBudget? Budget { get; init; }

    /// <summary>Channels whose importance was moved to other weights before pruning or quantization; the model computed the same afterwards.</summary>
    public IReadOnlyList<ArtifactRedistribution>? Redistributions { get; init; }

    /// <summary>Dimensions that were reordered so that what matters shares blocks or windows.</summary>
    public IReadOnlyList<ArtifactPermutation>? Permutations { get; init; }

    /// <summary>Batch normalizations whose statistics were measured anew.</summary>
    public int? BatchNormalizations { get; init; }

    /// <summary>Trainings, in order.</summary>
    public IReadOnlyList<ArtifactTraining>? Training { get; init; }

    /// <summary>What quantization has to say beyond single layers.</summary>
    public ArtifactQuantization? Quantization { get; init; }

    /// <summary>The precision chosen for every weight.</summary>
    public ArtifactMixedPrecision? Mixed { get; init; }
}

/// <summary>A residual block that was taken out.</summary>
/// <param name="Name">Its output value.</param>
/// <param name="Loss">Loss on the calibration data without it and those before it, nats; null when no loss was measured.</param>
/// <param name="Influence">1 − the mean cosine of what entered and what left it; null when the loss decided.</param>
public sealed record ArtifactRemovedBlock(string Name, double? Loss = null, double? Influence = null);

/// <summary>What a transformer layer lost.</summary>
/// <param name="Name">The layer's output value.</param>
/// <param name="Removed">The fraction that the layer ratios gave it.</param>
/// <param name="Groups">Key-value groups before; 0 without attention that is understood.</param>
/// <param name="KeptGroups">Key-value groups after.</param>
/// <param name="Neurons">Neurons before; 0 without a feed-forward that is understood.</param>
/// <param name="KeptNeurons">Neurons after.</param>
public sealed record ArtifactTransformerLayer(string Name, double Removed, int Groups, int KeptGroups, int Neurons, int KeptNeurons);

/// <summary>A dimension that structured pruning looked at.</summary>
/// <param name="Name">The layer that makes it.</param>
/// <param name="Units">Channels or neurons before.</param>
/// <param name="Kept">The units that stayed, by their index before; missing when all did.</param>
/// <param name="Reason">Why all stayed, or null.</param>
public sealed record ArtifactDimension(string Name, int Units, IReadOnlyList<int>? Kept = null, string? Reason = null);

/// <summary>Channels whose importance was to be moved to other weights.</summary>
/// <param name="Method">For example <c>rotation</c>.</param>
/// <param name="Name">The channels: a weight or layer that makes them.</param>
/// <param name="Units">Channels.</param>
/// <param name="Reason">Why they stayed as they were, or null.</param>
public sealed record ArtifactRedistribution(string Method, string Name, int Units, string? Reason = null);

/// <summary>A dimension that was reordered.</summary>
/// <param name="Name">The layer that makes it.</param>
/// <param name="Units">Channels or neurons.</param>
/// <param name="Before">Score the pattern kept in the order the model had.</param>
/// <param name="After">Score the pattern keeps now.</param>
/// <param name="Reason">Why the order stayed, or null.</param>
public sealed record ArtifactPermutation(string Name, int Units, double Before, double After, string? Reason = null);

/// <summary>A training towards the dense parent.</summary>
/// <param name="Method">For example <c>distillation</c>.</param>
/// <param name="Steps">Optimizer steps taken.</param>
/// <param name="Parameters">Numbers that could move.</param>
/// <param name="StopReason"><c>steps</c>, <c>hold-out</c> or <c>non-finite loss</c>.</param>
/// <param name="LossBefore">Loss on the cases held out before the first step; missing when it was not a number.</param>
/// <param name="LossAfter">The same of the weights kept.</param>
public sealed record ArtifactTraining(string Method, int Steps, long Parameters, string StopReason, double? LossBefore = null, double? LossAfter = null);

/// <summary>The budget that decided the sparsity, as the planner saw the model before it was pruned.</summary>
/// <param name="Unit"><c>milliseconds</c> of the linear layers in one inference, or <c>bytes</c> of their weights.</param>
/// <param name="Most">What the recipe allows.</param>
/// <param name="Predicted">What the planner predicts at the sparsity found.</param>
/// <param name="Sparsity">The sparsity found, 0 to 1.</param>
public sealed record ArtifactBudget(string Unit, double Most, double Predicted, double Sparsity);

/// <summary>Precisions that were chosen by what they cost the model.</summary>
/// <param name="Search"><c>greedy</c> or <c>knapsack</c>.</param>
/// <param name="Unit">What the budget counts: <c>bytes</c> of the linear layers' weights, predicted <c>milliseconds</c> of the linear layers, or <c>kl</c>.</param>
/// <param name="Most">What the recipe allows.</param>
/// <param name="Used">What the choice needs of it.</param>
/// <param name="Bytes">Bytes of the linear layers' weights.</param>
/// <param name="Kl">Mean divergence in nats from the model that is not quantized, as measured; missing when it is not finite.</param>
/// <param name="SummedKl">The same as the sum of the single weights' sensitivities; missing when it is not finite.</param>
/// <param name="Weights">Every weight.</param>
public sealed record ArtifactMixedPrecision(
    string Search, string Unit, double Most, double Used, long Bytes, double? Kl, double? SummedKl, IReadOnlyList<ArtifactWeightPrecision> Weights);

/// <summary>The precision of one weight.</summary>
/// <param name="Layer">The layer that uses it, the first of several.</param>
/// <param name="Bits">4, 8 or 32.</param>
/// <param name="Options">What it could have had.</param>
/// <param name="Reason">Why not more, or null.</param>
public sealed record ArtifactWeightPrecision(string Layer, int Bits, IReadOnlyList<ArtifactSensitivity> Options, string? Reason = null);

/// <summary>What a precision of one weight alone costs.</summary>
/// <param name="Bits">4, 8 or 32.</param>
/// <param name="Bytes">Stored bytes.</param>
/// <param name="Kl">Mean divergence in nats while all other weights stay as they are; missing when it is not finite.</param>
public sealed record ArtifactSensitivity(int Bits, long Bytes, double? Kl);
