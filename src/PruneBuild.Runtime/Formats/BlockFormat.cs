using System.Numerics;

namespace PruneBuild.Runtime;

/// <summary>
/// What the formats of stored blocks share: sections 0 (u32 group starts, [groups + 1]) and 1 (u16 index of each stored block,
/// ascending within a group). A block spans <see cref="PackedFormat.OutputsPerGroup"/> outputs and
/// <see cref="PackedFormat.InputsPerUnit"/> inputs and is stored when any of its weights is non-zero (NaN counts as non-zero).
/// </summary>
public abstract class BlockFormat(string name, int id) : PackedFormat(name, id)
{
    private protected const int Starts = 0;
    private protected const int Indices = 1;
    private protected const int Values = 2;

    /// <inheritdoc/>
    public override string Pattern => $"{OutputsPerGroup}x{InputsPerUnit}";

    /// <summary>16-bit indexes; wider ones would cost every layer 6 % more bytes.</summary>
    public override int MaxInputs => InputsPerUnit * 65536;

    /// <inheritdoc/>
    public override PatternFit Measure(WeightMatrix weights)
    {
        var obstacle = weights.Inputs > MaxInputs ? $"{weights.Inputs} inputs are more than the format's {MaxInputs}"
            : Precision == WeightPrecision.FullPrecision && weights.Singles is null ? "the weights are int8"
            : Precision == WeightPrecision.FourBit && weights.Singles is null ? "the weights are int8"
            : null;
        var index = BlockIndex.Find(weights, OutputsPerGroup, InputsPerUnit);
        return new(index.Sparsity, Counts(index.GroupStarts), obstacle);
    }

    /// <inheritdoc/>
    public override PackedCounts ExpectedCounts(int outputs, int inputs, double sparsity)
    {
        var perGroup = Units(inputs) * (1 - sparsity);
        var starts = new uint[Groups(outputs) + 1];
        for (var group = 0; group < starts.Length; group++)
            starts[group] = (uint)Math.Round(group * perGroup);
        return Counts(starts);
    }

    internal override (long Items, long Overflow) MaxCounts(int outputs, int inputs) => ((long)Groups(outputs) * Units(inputs), 0);

    internal override ReadOnlySpan<uint> GroupStarts(ReadOnlySpan<byte> blob, PackedWeights packed) => packed.Section<uint>(blob, Starts);

    internal override void SectionBytes(int outputs, int inputs, PackedCounts counts, Span<long> lengths)
    {
        lengths[Starts] = (Groups(outputs) + 1L) * sizeof(uint);
        lengths[Indices] = counts.Items * sizeof(ushort);
        ValueSectionBytes(outputs, counts, lengths);
    }

    internal override void ValidateSections(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        var starts = packed.Section<uint>(blob, Starts);
        var indices = packed.Section<ushort>(blob, Indices);
        CheckStarts(starts, packed.Counts.Items);
        var units = Units(packed.Inputs);
        for (var group = 0; group + 1 < starts.Length; group++)
            CheckIndices(indices[(int)starts[group]..(int)starts[group + 1]], units, group);
    }

    internal override unsafe void Bind(byte* blob, PackedWeights packed, SparseJob* job)
    {
        var layout = packed.Layout;
        job->GroupStarts = (uint*)(blob + layout.Offset(Starts));
        job->Indices = (ushort*)(blob + layout.Offset(Indices));
        job->Values = blob + layout.Offset(Values);
    }

    /// <summary>Bytes of the sections from <see cref="Values"/> on.</summary>
    private protected abstract void ValueSectionBytes(int outputs, PackedCounts counts, Span<long> lengths);

    /// <summary>The counts of a blob with these blocks in each group.</summary>
    private protected virtual PackedCounts Counts(uint[] groupStarts) => new(groupStarts[^1]);

    /// <summary>A blob with starts and indexes written.</summary>
    private protected PackedBlob Begin(WeightMatrix weights, BlockIndex index)
    {
        var blob = new PackedBlob(this, weights.Outputs, weights.Inputs, Counts(index.GroupStarts));
        index.GroupStarts.CopyTo(blob.Section<uint>(Starts));
        index.Indices.CopyTo(blob.Section<ushort>(Indices));
        return blob;
    }

    private protected BlockIndex Index(WeightMatrix weights)
    {
        CheckShape(weights);
        return BlockIndex.Find(weights, OutputsPerGroup, InputsPerUnit);
    }

    /// <summary>
    /// Visits the weights of a block that lie inside the matrix, in stored order: output after output, each with its inputs.
    /// </summary>
    /// <param name="group">Group of outputs.</param>
    /// <param name="unit">Unit of inputs.</param>
    /// <param name="outputs">Rows of the matrix.</param>
    /// <param name="inputs">Columns of the matrix.</param>
    /// <param name="visit">Takes the position in the block and the position in the row-major matrix.</param>
    private protected void ForEachWeight(int group, int unit, int outputs, int inputs, Action<int, int> visit)
    {
        for (var i = 0; i < OutputsPerGroup && group * OutputsPerGroup + i < outputs; i++)
        {
            for (var j = 0; j < InputsPerUnit && unit * InputsPerUnit + j < inputs; j++)
                visit(i * InputsPerUnit + j, (group * OutputsPerGroup + i) * inputs + unit * InputsPerUnit + j);
        }
    }

    /// <summary>Copies the weights of all stored blocks, in blocks of <see cref="PackedFormat.OutputsPerGroup"/> outputs by one input.</summary>
    private protected void CopyBlocks<T>(T[] values, BlockIndex index, WeightMatrix weights, Span<T> blocks)
    {
        for (var group = 0; group < index.Groups; group++)
        {
            var lanes = Math.Min(OutputsPerGroup, weights.Outputs - group * OutputsPerGroup);
            for (var i = (int)index.GroupStarts[group]; i < index.GroupStarts[group + 1]; i++)
            {
                for (var lane = 0; lane < lanes; lane++)
                    blocks[i * OutputsPerGroup + lane] = values[(group * OutputsPerGroup + lane) * weights.Inputs + index.Indices[i]];
            }
        }
    }

    /// <summary>The dense matrix of blocks stored by <see cref="CopyBlocks"/>.</summary>
    private protected TWide[] UnpackBlocks<T, TWide>(ReadOnlySpan<byte> blob, PackedWeights packed)
        where T : unmanaged, INumber<T>
        where TWide : INumber<TWide>
    {
        var weights = new TWide[(long)packed.Outputs * packed.Inputs];
        var starts = packed.Section<uint>(blob, Starts);
        var indices = packed.Section<ushort>(blob, Indices);
        var blocks = packed.Section<T>(blob, Values);
        for (var group = 0; group + 1 < starts.Length; group++)
        {
            var lanes = Math.Min(OutputsPerGroup, packed.Outputs - group * OutputsPerGroup);
            for (var i = (int)starts[group]; i < starts[group + 1]; i++)
            {
                for (var lane = 0; lane < lanes; lane++)
                    weights[(group * OutputsPerGroup + lane) * packed.Inputs + indices[i]] = TWide.CreateTruncating(blocks[i * OutputsPerGroup + lane]);
            }
        }

        return weights;
    }

    private protected virtual void CheckIndices(ReadOnlySpan<ushort> indices, int units, int group)
    {
        var previous = -1;
        foreach (var index in indices)
        {
            if (index <= previous || index >= units)
                throw new InvalidDataException($"The packed weights have a block index out of order or range in group {group}.");
            previous = index;
        }
    }
}
