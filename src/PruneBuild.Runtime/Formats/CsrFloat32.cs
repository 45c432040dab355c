namespace PruneBuild.Runtime;

/// <summary>Unstructured float32 weights for batches (encoders, convolutions as products).</summary>
public sealed class CsrFloat32 : CsrFormat
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string FormatName = "csr.float32";

    private CsrFloat32() : base(FormatName, 26)
    {
    }

    /// <summary>The one instance.</summary>
    public static CsrFloat32 Format { get; } = new();

    /// <inheritdoc/>
    public override WeightPrecision Precision => WeightPrecision.FullPrecision;

    /// <inheritdoc/>
    public override byte[] Pack(WeightMatrix weights) => Fill(weights, weights.RequireSingles(Name)).Finish();

    private protected override int BytesPerWeight => sizeof(float);

    private protected override UnpackedWeights Unpack(ReadOnlySpan<byte> blob, PackedWeights packed) =>
        new(packed.Outputs, packed.Inputs, Dense<float, float>(blob, packed));
}
