namespace PruneBuild.Runtime;

/// <summary>
/// Blocks of 4, 8 or 16 outputs by 1 input, float32: block sparsity without any quantization.
/// Section 2: the floats of each block.
/// </summary>
public abstract class ColumnBlockFloat32 : BlockFormat
{
    private protected ColumnBlockFloat32(string name, int id) : base(name, id)
    {
    }

    /// <inheritdoc/>
    public override WeightPrecision Precision => WeightPrecision.FullPrecision;

    /// <inheritdoc/>
    public override bool QuantizesActivations => false;

    /// <inheritdoc/>
    public override int InputsPerUnit => 1;

    /// <inheritdoc/>
    public override byte[] Pack(WeightMatrix weights)
    {
        var singles = weights.RequireSingles(Name);
        var index = Index(weights);
        var blob = Begin(weights, index);
        CopyBlocks(singles, index, weights, blob.Section<float>(Values));
        return blob.Finish();
    }

    private protected override void ValueSectionBytes(int outputs, PackedCounts counts, Span<long> lengths) =>
        lengths[Values] = counts.Items * OutputsPerGroup * sizeof(float);

    private protected override UnpackedWeights Unpack(ReadOnlySpan<byte> blob, PackedWeights packed) =>
        new(packed.Outputs, packed.Inputs, UnpackBlocks<float, float>(blob, packed));
}
