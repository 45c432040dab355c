namespace PruneBuild.Runtime;

/// <summary>
/// Blocks of 4, 8 or 16 outputs by 1 input, int8 with one float scale per output, beside float activations: nothing is lost by
/// quantizing activations, and a blob is a quarter of float32.
/// Sections: 2 the integers of each block; 3 f32 scale of each output, whole groups.
/// </summary>
public abstract class ColumnBlockInt8Float32 : BlockFormat
{
    private const int OutputScales = 3;

    private protected ColumnBlockInt8Float32(string name, int id) : base(name, id)
    {
    }

    /// <inheritdoc/>
    public override WeightPrecision Precision => WeightPrecision.EightBit;

    /// <inheritdoc/>
    public override bool QuantizesActivations => false;

    /// <inheritdoc/>
    public override int InputsPerUnit => 1;

    /// <inheritdoc/>
    public override byte[] Pack(WeightMatrix weights)
    {
        var index = Index(weights);
        var (values, scales) = weights.ToInt8();
        var blob = Begin(weights, index);
        CopyBlocks(values, index, weights, blob.Section<sbyte>(Values));
        scales.CopyTo(blob.Section<float>(OutputScales));
        return blob.Finish();
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

    private protected override void ValueSectionBytes(int outputs, PackedCounts counts, Span<long> lengths)
    {
        lengths[Values] = counts.Items * OutputsPerGroup;
        lengths[OutputScales] = (long)Groups(outputs) * OutputsPerGroup * sizeof(float);
    }

    private protected override UnpackedWeights Unpack(ReadOnlySpan<byte> blob, PackedWeights packed) =>
        new(packed.Outputs, packed.Inputs, null, UnpackBlocks<sbyte, int>(blob, packed), packed.Section<float>(blob, OutputScales)[..packed.Outputs].ToArray());
}
