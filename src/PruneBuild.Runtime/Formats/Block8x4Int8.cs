namespace PruneBuild.Runtime;

/// <summary>
/// Blocks of 8 outputs by 4 inputs, int8, one float scale per output: the latency format of int8 block sparsity.
/// Sections: 2 blocks of 32 bytes, output after output; 3 f32 scale and 4 i32 zero-point sum of each output, whole groups.
/// Activations are 7 unsigned bits, so that every dot instruction, saturating or not, gives the same integers.
/// </summary>
public sealed class Block8x4Int8 : BlockFormat
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string FormatName = "block8x4.int8";

    private const int BlockBytes = 32;
    private const int OutputScales = 3;
    private const int ZeroPointSums = 4;

    private Block8x4Int8() : base(FormatName, 1)
    {
    }

    /// <summary>The one instance.</summary>
    public static Block8x4Int8 Format { get; } = new();

    /// <inheritdoc/>
    public override WeightPrecision Precision => WeightPrecision.EightBit;

    /// <inheritdoc/>
    public override bool QuantizesActivations => true;

    /// <inheritdoc/>
    public override int InputsPerUnit => 4;

    /// <inheritdoc/>
    public override byte[] Pack(WeightMatrix weights)
    {
        var index = Index(weights);
        var (values, scales) = weights.ToInt8();
        var blob = Begin(weights, index);
        var blocks = blob.Section<sbyte>(Values);
        for (var group = 0; group < index.Groups; group++)
        {
            for (var i = (int)index.GroupStarts[group]; i < index.GroupStarts[group + 1]; i++)
                CopyBlock(values, blocks.Slice(i * BlockBytes, BlockBytes), group, index.Indices[i], weights.Outputs, weights.Inputs);
        }

        scales.CopyTo(blob.Section<float>(OutputScales));
        var sums = blob.Section<int>(ZeroPointSums);
        for (var output = 0; output < weights.Outputs; output++)
        {
            var sum = 0;
            foreach (var weight in values.AsSpan(output * weights.Inputs, weights.Inputs))
                sum += weight;
            sums[output] = -ActivationQuantizer.ZeroPoint * sum;
        }

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
        job->ZeroPointSums = (int*)(blob + packed.Layout.Offset(ZeroPointSums));
    }

    private protected override void ValueSectionBytes(int outputs, PackedCounts counts, Span<long> lengths)
    {
        lengths[Values] = counts.Items * BlockBytes;
        lengths[OutputScales] = lengths[ZeroPointSums] = (long)Groups(outputs) * OutputsPerGroup * sizeof(float);
    }

    private protected override UnpackedWeights Unpack(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        var weights = new int[(long)packed.Outputs * packed.Inputs];
        var starts = packed.Section<uint>(blob, Starts);
        var indices = packed.Section<ushort>(blob, Indices);
        var blocks = packed.Section<sbyte>(blob, Values).ToArray();
        for (var group = 0; group + 1 < starts.Length; group++)
        {
            for (var i = (int)starts[group]; i < starts[group + 1]; i++)
            {
                var block = i * BlockBytes;
                ForEachWeight(group, indices[i], packed.Outputs, packed.Inputs, (at, target) => weights[target] = blocks[block + at]);
            }
        }

        return new(packed.Outputs, packed.Inputs, null, weights, packed.Section<float>(blob, OutputScales)[..packed.Outputs].ToArray());
    }

    private void CopyBlock(sbyte[] weights, Span<sbyte> block, int group, int unit, int outputs, int inputs)
    {
        var width = Math.Min(InputsPerUnit, inputs - unit * InputsPerUnit);
        for (var i = 0; i < OutputsPerGroup && group * OutputsPerGroup + i < outputs; i++)
            weights.AsSpan((group * OutputsPerGroup + i) * inputs + unit * InputsPerUnit, width).CopyTo(block[(i * InputsPerUnit)..]);
    }
}
