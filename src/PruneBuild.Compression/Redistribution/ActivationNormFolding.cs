namespace PruneBuild.Compression.Redistribution;

/// <summary>
/// Gives every channel the same activation norm: s = 1 / ‖x_j‖₂, so that |w| of a reader becomes |w| ‖x_j‖₂ and pruning by magnitude is
/// Wanda (Sun et al. 2024).
/// </summary>
public sealed class ActivationNormFolding : ScaleFolding
{
    /// <inheritdoc/>
    public override string Name => "activation-folding";

    /// <inheritdoc/>
    public override bool NeedsStatistics => true;

    private protected override (double[]? Scales, string? Reason) Choose(ScaledLayers layers) => Of(layers);

    internal static (double[]? Scales, string? Reason) Of(ScaledLayers layers) => layers.ActivationNorm() is { } norms
        ? (Array.ConvertAll(norms, norm => norm > 0 ? 1 / norm : double.NaN), null)
        : (null, "no calibrated layer reads the channels");
}
