namespace PruneBuild.Compression.Drift;

/// <summary>What two edits do to one figure, each alone and together; each is a difference from the dense parent.</summary>
/// <param name="Pruning">Of pruning and what repairs it, alone.</param>
/// <param name="Quantization">Of quantizing the dense parent in the same way.</param>
/// <param name="Both">Of both.</param>
public sealed record Interaction(double Pruning, double Quantization, double Both)
{
    /// <summary>What is not additive: positive where the two make each other worse.</summary>
    public double Rest => Both - Pruning - Quantization;
}

/// <summary>Interactions of the figures that were measured; null where one was not.</summary>
/// <param name="OutputError">Relative error of the first output.</param>
/// <param name="LayerError">Mean relative output error of the layers.</param>
/// <param name="Kl">Mean divergence in nats.</param>
/// <param name="Flips">Share of rows whose highest class is another one.</param>
/// <param name="Loss">Loss on the labels beyond the parent's, in nats.</param>
/// <param name="Accuracy">Share of labels that are no longer right.</param>
public sealed record Interactions(
    Interaction OutputError, Interaction? LayerError, Interaction? Kl, Interaction? Flips, Interaction? Loss, Interaction? Accuracy)
{
    /// <summary>Of three drifts against one parent.</summary>
    public static Interactions Of(ModelDrift pruning, ModelDrift quantization, ModelDrift both)
    {
        Interaction? Term(Func<ModelDrift, double?> figure) =>
            (figure(pruning), figure(quantization), figure(both)) is (double one, double other, double together) ? new Interaction(one, other, together) : null;
        return new Interactions(
            Term(drift => drift.Logits.RelativeError)!,
            Term(drift => drift.LayerError),
            Term(drift => drift.Logits.Kl),
            Term(drift => 1 - drift.Logits.Top1),
            Term(drift => drift.Logits.Labels is { } labels ? labels.Loss - labels.ParentLoss : null),
            Term(drift => drift.Logits.Labels is { } labels ? labels.ParentRight - labels.Right : null));
    }
}
