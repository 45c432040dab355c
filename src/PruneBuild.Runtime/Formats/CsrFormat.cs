using System.Numerics;

namespace PruneBuild.Runtime;

/// <summary>
/// Compressed sparse rows cut into blocks of <see cref="InputsPerBlock"/> inputs, so that a byte tells an input and a batch's
/// activations of one block stay in the L1 cache while many outputs use them. Order: group of 16 outputs, block, output, input.
/// Sections: 0 u32 group starts [groups + 1]; 1 u16 non-zeros of each output in each block [groups, blocks, 16]; 2 u8 input
/// within the block, ascending; 3 values; 4 f32 scale of each output, whole groups, where values are integers.
/// </summary>
public abstract class CsrFormat : UnstructuredFormat
{
    /// <summary>Inputs that share a block: with 64 rows of a batch, 32 KB. More would leave the L1 cache, fewer cost more loop ends.</summary>
    internal const int InputsPerBlock = 128;

    /// <summary>Outputs of a group.</summary>
    internal const int GroupOutputs = 16;

    private protected const int OutputScales = 4;
    private const int Starts = 0;
    private const int CountsOfBlocks = 1;
    private const int Indices = 2;
    private const int Values = 3;

    private protected CsrFormat(string name, int id) : base(name, id)
    {
    }

    /// <inheritdoc/>
    public override int OutputsPerGroup => GroupOutputs;

    private protected abstract int BytesPerWeight { get; }

    internal static int Blocks(int inputs) => (inputs + InputsPerBlock - 1) / InputsPerBlock;

    internal override void SectionBytes(int outputs, int inputs, PackedCounts counts, Span<long> lengths)
    {
        long groups = Groups(outputs);
        lengths[Starts] = (groups + 1) * sizeof(uint);
        lengths[CountsOfBlocks] = groups * Blocks(inputs) * GroupOutputs * sizeof(ushort);
        lengths[Indices] = counts.Items;
        lengths[Values] = counts.Items * BytesPerWeight;
    }

    internal override void ValidateSections(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        var starts = packed.Section<uint>(blob, Starts);
        var counts = packed.Section<ushort>(blob, CountsOfBlocks);
        var indices = packed.Section<byte>(blob, Indices);
        CheckStarts(starts, packed.Counts.Items);
        var blocks = Blocks(packed.Inputs);
        var item = 0L;
        for (var group = 0; group + 1 < starts.Length; group++)
        {
            var outputs = Math.Min(GroupOutputs, packed.Outputs - group * GroupOutputs);
            for (var block = 0; block < blocks; block++)
            {
                var width = Math.Min(InputsPerBlock, packed.Inputs - block * InputsPerBlock);
                for (var output = 0; output < GroupOutputs; output++)
                {
                    int count = counts[(group * blocks + block) * GroupOutputs + output];
                    if (count > (output < outputs ? width : 0) || item + count > starts[group + 1])
                        throw new InvalidDataException($"The packed weights have more non-zeros than fit in group {group}.");
                    CheckAscending(indices.Slice((int)item, count), width, group);
                    item += count;
                }
            }

            if (item != starts[group + 1])
                throw new InvalidDataException($"The packed weights have fewer non-zeros than group {group} claims.");
        }
    }

    internal override unsafe void Bind(byte* blob, PackedWeights packed, SparseJob* job)
    {
        var layout = packed.Layout;
        job->GroupStarts = (uint*)(blob + layout.Offset(Starts));
        job->BlockCounts = (ushort*)(blob + layout.Offset(CountsOfBlocks));
        job->Metadata = blob + layout.Offset(Indices);
        job->Values = blob + layout.Offset(Values);
    }

    internal override ReadOnlySpan<uint> GroupStarts(ReadOnlySpan<byte> blob, PackedWeights packed) => packed.Section<uint>(blob, Starts);

    private protected PackedBlob Fill<T>(WeightMatrix weights, T[] values) where T : unmanaged, INumber<T>
    {
        CheckShape(weights);
        var items = values.LongCount(value => !T.IsZero(value));
        var blob = new PackedBlob(this, weights.Outputs, weights.Inputs, new(items));
        var starts = blob.Section<uint>(Starts);
        var counts = blob.Section<ushort>(CountsOfBlocks);
        var indices = blob.Section<byte>(Indices);
        var stored = blob.Section<T>(Values);
        var blocks = Blocks(weights.Inputs);
        var item = 0;
        for (var group = 0; group + 1 < starts.Length; group++)
        {
            for (var block = 0; block < blocks; block++)
            {
                for (var lane = 0; lane < GroupOutputs && group * GroupOutputs + lane < weights.Outputs; lane++)
                {
                    var first = item;
                    var row = values.AsSpan((group * GroupOutputs + lane) * weights.Inputs, weights.Inputs)[(block * InputsPerBlock)..];
                    for (var input = 0; input < Math.Min(row.Length, InputsPerBlock); input++)
                    {
                        if (!T.IsZero(row[input]))
                            (indices[item], stored[item++]) = ((byte)input, row[input]);
                    }

                    counts[(group * blocks + block) * GroupOutputs + lane] = (ushort)(item - first);
                }
            }

            starts[group + 1] = (uint)item;
        }

        return blob;
    }

    private protected static TWide[] Dense<T, TWide>(ReadOnlySpan<byte> blob, PackedWeights packed)
        where T : unmanaged, INumber<T>
        where TWide : INumber<TWide>
    {
        var weights = new TWide[(long)packed.Outputs * packed.Inputs];
        var counts = packed.Section<ushort>(blob, CountsOfBlocks);
        var indices = packed.Section<byte>(blob, Indices);
        var stored = packed.Section<T>(blob, Values);
        var blocks = Blocks(packed.Inputs);
        var item = 0;
        for (var run = 0; run < counts.Length; run++)
        {
            var output = run / (blocks * GroupOutputs) * GroupOutputs + run % GroupOutputs;
            var block = run / GroupOutputs % blocks;
            for (var end = item + counts[run]; item < end; item++)
                weights[output * packed.Inputs + block * InputsPerBlock + indices[item]] = TWide.CreateTruncating(stored[item]);
        }

        return weights;
    }

    private static void CheckAscending(ReadOnlySpan<byte> indices, int width, int group)
    {
        var previous = -1;
        foreach (var index in indices)
        {
            if (index <= previous || index >= width)
                throw new InvalidDataException($"The packed weights have an input out of order or range in group {group}.");
            previous = index;
        }
    }
}
