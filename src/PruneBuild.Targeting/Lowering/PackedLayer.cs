namespace PruneBuild.Targeting;

/// <summary>The packed weights of one layer.</summary>
/// <param name="Bytes">In the format that was chosen.</param>
/// <param name="Note">How the levels were chosen, for the layer's reason.</param>
public sealed record PackedLayer(byte[] Bytes, string Note);
