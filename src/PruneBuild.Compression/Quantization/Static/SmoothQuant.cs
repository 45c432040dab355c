using PruneBuild.Compression.Redistribution;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Moves what makes activations hard to quantize into weights: every channel is divided by s = max|x|^α / max|w|^(1−α), and the weights that read it are
/// multiplied (Xiao et al. 2023, "SmoothQuant", equation 4). Only where a normalization or a linear layer makes the channels and takes the scale
/// exactly.
/// </summary>
/// <param name="maxima">max |x| of the channels of each layer's input.</param>
/// <param name="strength">α, 0 to 1: how much of the ranges the weights take over.</param>
internal sealed class SmoothQuant(ChannelMaxima maxima, double strength) : ScaleFolding
{
    /// <inheritdoc/>
    public override string Name => "smooth";

    /// <inheritdoc/>
    public override bool NeedsStatistics => false;

    private protected override (double[]? Scales, string? Reason) Choose(ScaledLayers layers) => layers.ActivationRange(maxima.Of) is { } activations
        ? ([.. activations.Zip(layers.ReaderRange(), (x, w) => x > 0 && w > 0 ? Math.Pow(w, 1 - strength) / Math.Pow(x, strength) : double.NaN)], null)
        : (null, "no layer that is quantized reads the channels");
}
