namespace PruneBuild.Compression.Redistribution;

/// <summary>
/// s = √(r₂ / r₁) with r₁ and r₂ the largest weights that make and that read a channel, so that both ranges become √(r₁ r₂)
/// (Nagel et al. 2019, equation 11).
/// </summary>
public sealed class CrossLayerEqualization : ScaleFolding
{
    /// <inheritdoc/>
    public override string Name => "equalization";

    /// <inheritdoc/>
    public override bool NeedsStatistics => false;

    private protected override (double[]? Scales, string? Reason) Choose(ScaledLayers layers) =>
        ([.. layers.MakerRange().Zip(layers.ReaderRange(), (made, read) => made > 0 && read > 0 ? Math.Sqrt(read / made) : double.NaN)], null);
}
