namespace PruneBuild.Runtime;

/// <summary>Unstructured int8 weights beside float activations, for batches: less to load than float32 at the same speed.</summary>
public sealed class CsrInt8Float32 : CsrFormat
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string FormatName = "csr.int8f32";

    private CsrInt8Float32() : base(FormatName, 27)
    {
    }

    /// <summary>The one instance.</summary>
    public static CsrInt8Float32 Format { get; } = new();

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
        lengths[OutputScales] = (long)Groups(outputs) * OutputsPerGroup * sizeof(float);
    }

    internal override void ValidateSections(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        base.ValidateSections(blob, packed);
        CheckFinite(packed.Section<float>(blob, OutputScales));
    }

    internal override unsafe void Bind(byte* blob, PackedWeights packed, SparseJob* job)
    {
        base.Bind(blob, packed, job);
        job->OutputScales = (float*)(blob + packed.Layout.Offset(OutputScales));
    }

    private protected override UnpackedWeights Unpack(ReadOnlySpan<byte> blob, PackedWeights packed) =>
        new(packed.Outputs, packed.Inputs, null, Dense<sbyte, int>(blob, packed), packed.Section<float>(blob, OutputScales)[..packed.Outputs].ToArray());
}
