namespace PruneBuild.Compression.Drift;

/// <summary>The drift of an edited model against its parent on calibration data.</summary>
/// <param name="Logits">Of the first output.</param>
/// <param name="Blocks">Of inner values, in the order asked for.</param>
public sealed record ModelDrift(LogitDrift Logits, IReadOnlyList<BlockDrift> Blocks)
{
    /// <summary>The largest number of half precision.</summary>
    public const double LargestHalf = 65504;

    /// <summary>Numbers of the edited model's output that are not finite where the parent's are.</summary>
    public long NonFiniteOutputs { get; init; }

    /// <summary>Single layers against the parent's weights; empty when not measured.</summary>
    public IReadOnlyList<LayerDrift> Layers { get; init; } = [];

    /// <summary>Greedy continuations; null where the model continues no tokens.</summary>
    public GenerationDrift? Generation { get; init; }

    /// <summary>The worst mean cosine of a block; null when none was compared.</summary>
    public double? BlockCosine => Blocks.Min(block => block.Cosine);

    /// <summary>Numbers that are not finite, in blocks and output.</summary>
    public long NonFinite => NonFiniteOutputs + Blocks.Sum(block => block.NonFinite);

    /// <summary>The largest magnitude of an inner value.</summary>
    public double Largest => Blocks.Select(block => block.Largest).DefaultIfEmpty().Max();

    /// <summary>Whether all inner values could be kept in half precision.</summary>
    public bool FitsHalf => Largest <= LargestHalf;

    /// <summary>Mean relative output error of the layers that have one; null when none has.</summary>
    public double? LayerError => Layers.Average(layer => layer.RelativeError);
}
