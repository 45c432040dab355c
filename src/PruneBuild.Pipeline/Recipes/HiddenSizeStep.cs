namespace PruneBuild.Pipeline;

/// <summary>The narrowing of a transformer's residual stream.</summary>
/// <param name="Remaining">Fraction of the channels that stay, above 0 and at most 1.</param>
public sealed record HiddenSizeStep(double Remaining)
{
    /// <summary>The kept width is a multiple of this; null for what the kernels want.</summary>
    public int? Align { get; init; }
}
