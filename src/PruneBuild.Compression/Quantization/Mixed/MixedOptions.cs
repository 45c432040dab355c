using PruneBuild.Runtime;

namespace PruneBuild.Compression.Quantization;

/// <summary>Which precisions weights may have, and how those of few bits are made.</summary>
public sealed record MixedOptions
{
    /// <summary>
    /// How weights are stored in groups; <see cref="GroupQuantizeOptions.ProtectFirstLast"/> means 8 bits at least,
    /// <see cref="GroupQuantizeOptions.EightBit"/> 8 bits exactly, <see cref="GroupQuantizeOptions.Skip"/> floats. Its format is that of 4 bits.
    /// </summary>
    public GroupQuantizeOptions Groups { get; init; } = new() { ProtectFirstLast = true };

    /// <summary>What may be chosen. A layer that none of them suits stays float.</summary>
    public IReadOnlyList<WeightPrecision> Precisions { get; init; } = [WeightPrecision.FourBit, WeightPrecision.EightBit, WeightPrecision.FullPrecision];
}

/// <summary>What one weight loses at every precision that it may have.</summary>
/// <param name="Weight">The initializer.</param>
/// <param name="Layers">Names of the layers that use it.</param>
/// <param name="Options">At least one.</param>
/// <param name="Reason">Why precisions are missing, or null.</param>
public sealed record WeightSensitivity(string Weight, IReadOnlyList<string> Layers, IReadOnlyList<MeasuredPrecision> Options, string? Reason);

/// <summary>A precision of a weight while all others stay as they are.</summary>
/// <param name="Precision">The precision.</param>
/// <param name="Bytes">Stored bytes, scales and zero points included.</param>
/// <param name="Kl">
/// Mean divergence of the model's first output in nats from the model that is not quantized; its squared error relative to the energy where
/// the output is not classes.
/// </param>
public sealed record MeasuredPrecision(WeightPrecision Precision, long Bytes, double Kl);
