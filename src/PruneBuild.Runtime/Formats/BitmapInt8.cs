namespace PruneBuild.Runtime;

/// <summary>Unstructured int8 weights with one float scale per output, for transport.</summary>
public sealed class BitmapInt8 : BitmapFormat
{
    /// <summary>The name in manifests.</summary>
    public const string FormatName = "bitmap.int8";

    private BitmapInt8() : base(FormatName, 29)
    {
    }

    /// <summary>The one instance.</summary>
    public static BitmapInt8 Format { get; } = new();

    /// <inheritdoc/>
    public override WeightPrecision Precision => WeightPrecision.EightBit;

    private protected override int BytesPerWeight => sizeof(sbyte);

    /// <inheritdoc/>
    public override byte[] Pack(WeightMatrix weights)
    {
        var (values, scales) = weights.ToInt8();
        var blob = Fill(weights, values);
        scales.CopyTo(blob.Section<float>(OutputScales));
        return blob.Finish();
    }

    internal override void SectionBytes(int outputs, int inputs, PackedCounts counts, Span<long> lengths)
    {
        base.SectionBytes(outputs, inputs, counts, lengths);
        lengths[OutputScales] = (long)outputs * sizeof(float);
    }

    internal override void ValidateSections(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        base.ValidateSections(blob, packed);
        CheckFinite(packed.Section<float>(blob, OutputScales));
    }

    private protected override UnpackedWeights Unpack(ReadOnlySpan<byte> blob, PackedWeights packed) =>
        new(packed.Outputs, packed.Inputs, null, Dense<sbyte, int>(blob, packed), packed.Section<float>(blob, OutputScales).ToArray());
}
