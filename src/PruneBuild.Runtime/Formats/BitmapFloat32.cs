namespace PruneBuild.Runtime;

/// <summary>Unstructured float32 weights for transport.</summary>
public sealed class BitmapFloat32 : BitmapFormat
{
    /// <summary>The name in manifests.</summary>
    public const string FormatName = "bitmap.float32";

    private BitmapFloat32() : base(FormatName, 28)
    {
    }

    /// <summary>The one instance.</summary>
    public static BitmapFloat32 Format { get; } = new();

    /// <inheritdoc/>
    public override WeightPrecision Precision => WeightPrecision.FullPrecision;

    private protected override int BytesPerWeight => sizeof(float);

    /// <inheritdoc/>
    public override byte[] Pack(WeightMatrix weights) => Fill(weights, weights.RequireSingles(Name)).Finish();

    private protected override UnpackedWeights Unpack(ReadOnlySpan<byte> blob, PackedWeights packed) =>
        new(packed.Outputs, packed.Inputs, Dense<float, float>(blob, packed));
}
