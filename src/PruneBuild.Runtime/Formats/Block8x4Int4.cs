namespace PruneBuild.Runtime;

/// <summary>
/// Blocks of 8 outputs by 4 inputs, int4. Sixteen stored blocks make a run; an output has an integer scale for each run and one
/// float scale for all: real weight = q × runScale × outputScale, q in -8..7 (the two-level scales of VS-Quant, Dai et al. 2021).
/// So a kernel adds up a run in 16 bits, folds it with one integer multiply, and every CPU gets the same integers.
/// Sections: 2 pairs of blocks in 32 bytes (q + 8; the even block in the low nibbles, the odd in the high ones; a group with an
/// odd number of blocks ends with a block of zeros whose index repeats the last); 3 f32 output scales, then i32 zero-point sums,
/// each [groups × 8]; 4 u32 run starts [groups + 1]; 5 i16 run scales [runs, 8].
/// Items are blocks, zeros included; overflow counts runs.
/// </summary>
public sealed class Block8x4Int4 : BlockFormat
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string FormatName = "block8x4.int4";

    /// <summary>Blocks that share their scales: as many as 16-bit sums of 127 · 8 · 2 hold.</summary>
    internal const int BlocksPerRun = 16;

    private const int PairBytes = 32;
    private const int OutputScales = 3;
    private const int RunStarts = 4;
    private const int RunScales = 5;

    private Block8x4Int4() : base(FormatName, 6)
    {
    }

    /// <summary>The one instance.</summary>
    public static Block8x4Int4 Format { get; } = new();

    /// <inheritdoc/>
    public override WeightPrecision Precision => WeightPrecision.FourBit;

    /// <inheritdoc/>
    public override bool QuantizesActivations => true;

    /// <inheritdoc/>
    public override int InputsPerUnit => 4;

    internal override (long Items, long Overflow) MaxCounts(int outputs, int inputs)
    {
        long groups = Groups(outputs), units = Units(inputs) + 1;
        return (groups * units, groups * ((units + BlocksPerRun - 1) / BlocksPerRun));
    }

    /// <summary>Packs float weights, rounded to the nearest level of their run.</summary>
    /// <exception cref="ArgumentException">The weights are int8, not finite, or too many inputs.</exception>
    public override byte[] Pack(WeightMatrix weights) => Pack(WeightLevels.Nearest(weights.RequireSingles(Name), Runs(weights)));

    /// <inheritdoc/>
    public override ScaleRuns Runs(WeightMatrix weights)
    {
        weights.RequireSingles(Name);
        return RunsOf(weights, Even(Index(weights)));
    }

    /// <inheritdoc/>
    public override byte[] Pack(WeightLevels levels)
    {
        var (levelsOf, scalesOf) = (levels.Checked(isTwoLevel: true).Levels, levels.Scales);
        var stored = levels.Runs.Stored();
        var index = Even(Index(stored));
        if (!RunsOf(stored, index).Of.AsSpan().SequenceEqual(levels.Runs.Of))
            throw new ArgumentException($"The runs are not those of '{Name}'.", nameof(levels));
        var blob = Begin(stored, index);
        var pairs = blob.Section<byte>(Values);
        pairs.Fill(0x88);
        var scales = blob.Section<float>(OutputScales);
        var runScales = blob.Section<short>(RunScales);
        var runStarts = blob.Section<uint>(RunStarts);
        var sums = SumsOf(scales);
        for (var group = 0; group < index.Groups; group++)
        {
            var blocks = index.Indices.AsSpan((int)index.GroupStarts[group]..(int)index.GroupStarts[group + 1]);
            var runs = RunsOf(blocks);
            runStarts[group + 1] = runStarts[group] + (uint)runs;
            for (var lane = 0; lane < OutputsPerGroup && group * OutputsPerGroup + lane < stored.Outputs; lane++)
            {
                var output = group * OutputsPerGroup + lane;
                var row = levelsOf.AsSpan(output * stored.Inputs, stored.Inputs);
                var integers = scalesOf.Integers.AsSpan(output * scalesOf.PerOutput, runs);
                scales[output] = scalesOf.Outputs[output];
                for (var run = 0; run < runs; run++)
                    runScales[((int)runStarts[group] + run) * OutputsPerGroup + lane] = integers[run];
                var sum = 0;
                for (var i = 0; i < blocks.Length; i++)
                {
                    if (i > 0 && blocks[i] == blocks[i - 1])
                        continue;
                    for (var j = 0; j < InputsPerUnit && blocks[i] * InputsPerUnit + j < row.Length; j++)
                    {
                        int q = row[blocks[i] * InputsPerUnit + j];
                        sum += q * integers[i / BlocksPerRun];
                        Write(pairs, (int)index.GroupStarts[group] + i, lane * InputsPerUnit + j, q);
                    }
                }

                sums[output] = -ActivationQuantizer.ZeroPoint * sum;
            }
        }

        return blob.Finish();
    }

    internal override void ValidateSections(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        base.ValidateSections(blob, packed);
        var starts = packed.Section<uint>(blob, Starts);
        var runs = packed.Section<uint>(blob, RunStarts);
        CheckStarts(runs, packed.Counts.Overflow);
        for (var group = 0; group + 1 < starts.Length; group++)
        {
            var blocks = starts[group + 1] - starts[group];
            if (starts[group] % 2 != 0 || runs[group + 1] - runs[group] != (blocks + BlocksPerRun - 1) / BlocksPerRun)
                throw new InvalidDataException($"The packed weights have runs that do not fit their blocks in group {group}.");
        }

        CheckFinite(packed.Section<float>(blob, OutputScales)[..(Groups(packed.Outputs) * OutputsPerGroup)]);
    }

    internal override unsafe void Bind(byte* blob, PackedWeights packed, SparseJob* job)
    {
        base.Bind(blob, packed, job);
        var layout = packed.Layout;
        job->OutputScales = (float*)(blob + layout.Offset(OutputScales));
        job->ZeroPointSums = (int*)(job->OutputScales + (nint)Groups(packed.Outputs) * OutputsPerGroup);
        job->RunStarts = (uint*)(blob + layout.Offset(RunStarts));
        job->RunScales = (short*)(blob + layout.Offset(RunScales));
    }

    private protected override void ValueSectionBytes(int outputs, PackedCounts counts, Span<long> lengths)
    {
        long groups = Groups(outputs);
        lengths[Values] = (counts.Items + 1) / 2 * PairBytes;
        lengths[OutputScales] = groups * OutputsPerGroup * (sizeof(float) + sizeof(int));
        lengths[RunStarts] = (groups + 1) * sizeof(uint);
        lengths[RunScales] = counts.Overflow * OutputsPerGroup * sizeof(short);
    }

    private protected override PackedCounts Counts(uint[] groupStarts)
    {
        long items = 0, runs = 0;
        for (var group = 0; group + 1 < groupStarts.Length; group++)
        {
            var blocks = (groupStarts[group + 1] - groupStarts[group] + 1) / 2 * 2;
            items += blocks;
            runs += (blocks + BlocksPerRun - 1) / BlocksPerRun;
        }

        return new(items, runs);
    }

    private protected override void CheckIndices(ReadOnlySpan<ushort> indices, int units, int group)
    {
        // The last one may repeat: it stands before the zeros of an odd number of blocks.
        var distinct = indices.Length > 1 && indices[^1] == indices[^2] ? indices[..^1] : indices;
        base.CheckIndices(distinct, units, group);
    }

    private protected override UnpackedWeights Unpack(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        var weights = new int[(long)packed.Outputs * packed.Inputs];
        var starts = packed.Section<uint>(blob, Starts);
        var runStarts = packed.Section<uint>(blob, RunStarts);
        var indices = packed.Section<ushort>(blob, Indices);
        var pairs = packed.Section<byte>(blob, Values).ToArray();
        var runScales = packed.Section<short>(blob, RunScales).ToArray();
        for (var group = 0; group + 1 < starts.Length; group++)
        {
            for (var i = (int)starts[group]; i < starts[group + 1]; i++)
            {
                var item = i;
                var run = (int)runStarts[group] + (i - (int)starts[group]) / BlocksPerRun;
                ForEachWeight(group, indices[i], packed.Outputs, packed.Inputs, (at, target) =>
                    weights[target] += (Read(pairs, item, at) - 8) * runScales[run * OutputsPerGroup + at / InputsPerUnit]);
            }
        }

        return new(packed.Outputs, packed.Inputs, null, weights, packed.Section<float>(blob, OutputScales)[..packed.Outputs].ToArray());
    }

    private static Span<int> SumsOf(Span<float> scalesAndSums) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<float, int>(scalesAndSums[(scalesAndSums.Length / 2)..]);

    private static int RunsOf(ReadOnlySpan<ushort> blocks) => (blocks.Length + BlocksPerRun - 1) / BlocksPerRun;

    private ScaleRuns RunsOf(WeightMatrix weights, BlockIndex index)
    {
        var of = new short[(long)weights.Outputs * weights.Inputs];
        Array.Fill(of, ScaleRuns.None);
        var counts = new int[weights.Outputs];
        for (var group = 0; group < index.Groups; group++)
        {
            var blocks = index.Indices.AsSpan((int)index.GroupStarts[group]..(int)index.GroupStarts[group + 1]);
            for (var output = group * OutputsPerGroup; output < Math.Min((group + 1) * OutputsPerGroup, weights.Outputs); output++)
            {
                counts[output] = RunsOf(blocks);
                for (var i = 0; i < blocks.Length; i++)
                {
                    for (var input = blocks[i] * InputsPerUnit; input < Math.Min((blocks[i] + 1) * InputsPerUnit, weights.Inputs); input++)
                    {
                        if (!weights.IsZero(output, input))
                            of[output * weights.Inputs + input] = (short)(i / BlocksPerRun);
                    }
                }
            }
        }

        return ScaleRuns.Int4(weights.Outputs, weights.Inputs, of, counts);
    }

    private static void Write(Span<byte> pairs, int item, int at, int q)
    {
        ref var pair = ref pairs[item / 2 * PairBytes + at];
        var shift = item % 2 * 4;
        pair = (byte)((pair & ~(0xF << shift)) | ((q + 8) << shift));
    }

    private static int Read(byte[] pairs, int item, int at) => (pairs[item / 2 * PairBytes + at] >> (item % 2 * 4)) & 0xF;

    /// <summary>The same index with an even number of blocks in each group.</summary>
    private static BlockIndex Even(BlockIndex index)
    {
        var starts = new uint[index.GroupStarts.Length];
        var indices = new List<ushort>(index.Indices.Length + index.Groups);
        for (var group = 0; group < index.Groups; group++)
        {
            indices.AddRange(index.Indices.AsSpan((int)index.GroupStarts[group]..(int)index.GroupStarts[group + 1]));
            if (indices.Count % 2 != 0)
                indices.Add(indices[^1]);
            starts[group + 1] = (uint)indices.Count;
        }

        return index with { GroupStarts = starts, Indices = [.. indices] };
    }
}
