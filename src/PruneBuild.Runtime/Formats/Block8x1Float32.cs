namespace PruneBuild.Runtime;

/// <summary>
/// Blocks of 8 outputs by 1 input, float32: block sparsity without any quantization.
/// Section 2: blocks of 8 floats.
/// </summary>
public sealed class Block8x1Float32 : BlockFormat
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string FormatName = "block8x1.float32";

    private Block8x1Float32() : base(FormatName, 2)
    {
    }

    /// <summary>The one instance.</summary>
    public static Block8x1Float32 Format { get; } = new();

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
        var blocks = blob.Section<float>(Values);
        for (var group = 0; group < index.Groups; group++)
        {
            var lanes = Math.Min(OutputsPerGroup, weights.Outputs - group * OutputsPerGroup);
            for (var i = (int)index.GroupStarts[group]; i < index.GroupStarts[group + 1]; i++)
            {
                for (var lane = 0; lane < lanes; lane++)
                    blocks[i * OutputsPerGroup + lane] = singles[(group * OutputsPerGroup + lane) * weights.Inputs + index.Indices[i]];
            }
        }

        return blob.Finish();
    }

    private protected override void ValueSectionBytes(int outputs, PackedCounts counts, Span<long> lengths) =>
        lengths[Values] = counts.Items * OutputsPerGroup * sizeof(float);

    private protected override UnpackedWeights Unpack(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        var weights = new float[(long)packed.Outputs * packed.Inputs];
        var starts = packed.Section<uint>(blob, Starts);
        var indices = packed.Section<ushort>(blob, Indices);
        var blocks = packed.Section<float>(blob, Values).ToArray();
        for (var group = 0; group + 1 < starts.Length; group++)
        {
            for (var i = (int)starts[group]; i < starts[group + 1]; i++)
            {
                var block = i * OutputsPerGroup;
                ForEachWeight(group, indices[i], packed.Outputs, packed.Inputs, (at, target) => weights[target] = blocks[block + at]);
            }
        }

        return new(packed.Outputs, packed.Inputs, weights);
    }
}
