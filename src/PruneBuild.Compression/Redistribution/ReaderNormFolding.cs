namespace PruneBuild.Compression.Redistribution;

/// <summary>
/// Folds ‖w_j‖₂ over everything that reads channel j into what makes it: an error e of the channel costs its readers ‖w_j‖² e²,
/// so afterwards the same error of any row costs the same (the diagonal of the next layers' Gauss-Newton matrix). Where only the scale
/// of a normalization makes the channels there are no rows to weigh, and the readers get what <see cref="ActivationNormFolding"/> gives.
/// </summary>
public sealed class ReaderNormFolding : ScaleFolding
{
    /// <inheritdoc/>
    public override string Name => "scale-folding";

    /// <inheritdoc/>
    public override bool NeedsStatistics => false;

    private protected override (double[]? Scales, string? Reason) Choose(ScaledLayers layers) =>
        layers.HasRows ? (layers.ReaderNorm(), null) : ActivationNormFolding.Of(layers);
}
