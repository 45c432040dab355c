namespace PruneBuild.Targeting;

/// <summary>The packed weights of one layer.</summary>
/// <param name="Bytes">In the format that was chosen.</param>
/// <param name="Note">How the levels were chosen, for the layer's reason; null where nobody chose.</param>
public sealed record PackedLayer(byte[] Bytes, string? Note)
{
    /// <summary>What the bias gains, [outputs]; null for nothing. Another layer that shares the weight gains nothing.</summary>
    public IReadOnlyList<double>? BiasShift { get; init; }
}
