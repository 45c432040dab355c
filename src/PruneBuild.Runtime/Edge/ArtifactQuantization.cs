namespace PruneBuild.Runtime;

/// <summary>What quantization did beyond single layers. A list that has nothing to say is missing from the file.</summary>
public sealed record ArtifactQuantization
{
    /// <summary>
    /// ‖y₄ − y₀‖ / ‖y₀‖: what rounding activations to int8 changes in the model's first output on calibration data; missing where they
    /// stay float or there was no data.
    /// </summary>
    public double? ActivationRounding { get; init; }

    /// <summary>Tables whose rows were to be quantized.</summary>
    public IReadOnlyList<ArtifactEmbedding>? Embeddings { get; init; }

    /// <summary>Operators with constant weights that came quantized or cannot be.</summary>
    public IReadOnlyList<ArtifactLeftAlone>? LeftAlone { get; init; }
}

/// <summary>A table whose rows were to be quantized.</summary>
/// <param name="Name">The table.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Features">Numbers of a row.</param>
/// <param name="Bits">4 or 8; 32 when it stayed float.</param>
/// <param name="Reason">Why it stayed float, or null.</param>
public sealed record ArtifactEmbedding(string Name, long Rows, long Features, int Bits, string? Reason = null);

/// <summary>An operator whose constant weight was left alone.</summary>
/// <param name="Name">The operator.</param>
/// <param name="Reason">Why.</param>
public sealed record ArtifactLeftAlone(string Name, string Reason);
