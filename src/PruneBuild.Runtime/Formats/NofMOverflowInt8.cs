namespace PruneBuild.Runtime;

/// <summary>
/// Unstructured int8 weights as <see cref="NofMInt8"/> plus a list of those that found no slot in their window: vector loops for
/// most weights, one scalar multiplication for each of the rest.
/// Sections: 0 and 1 as there; 2 u32 overflow starts [groups × 2 + 1]; 3 overflowing weights (u16 input, u8 output of the group,
/// s8 weight). Those of a group come one of each output in turn, so that successive additions do not wait for each other:
/// first the rounds in which all 8 outputs have one, which kernels add without looking at the output, then the rest. Starts
/// alternate between where a group's rounds begin and where they end.
/// </summary>
public sealed class NofMOverflowInt8 : NofMInt8
{
    private const int OverflowStarts = 2;
    private const int Overflow = 3;

    private NofMOverflowInt8(NofMShape shape, int id) : base(shape, "+overflow.int8", id)
    {
    }

    /// <summary>4 slots in 16 inputs: from about 80 % sparsity on.</summary>
    public static new NofMOverflowInt8 FourOfSixteen { get; } = new(NofMShape.Of<FourOfSixteen>(), 16);

    /// <summary>8 slots in 16 inputs: from about 60 % sparsity on.</summary>
    public static new NofMOverflowInt8 EightOfSixteen { get; } = new(NofMShape.Of<EightOfSixteen>(), 17);

    /// <inheritdoc/>
    public override string Pattern => "unstructured";

    /// <summary>Overflowing weights have 16-bit inputs.</summary>
    public override int MaxInputs => 65536;

    /// <inheritdoc/>
    public override PatternFit Measure(WeightMatrix weights)
    {
        var slots = new int[weights.Inputs];
        long zeros = 0, overflow = 0;
        for (var output = 0; output < weights.Outputs; output++)
        {
            AssignSlots(weights, output, slots);
            zeros += slots.AsSpan().Count(ZeroSlot);
            overflow += slots.AsSpan().Count(NoSlot);
        }

        return new(
            zeros / ((double)weights.Outputs * weights.Inputs),
            Counts(weights.Outputs, weights.Inputs) with { Overflow = overflow },
            weights.Inputs > MaxInputs ? $"{weights.Inputs} inputs are more than the format's {MaxInputs}" : null);
    }

    /// <inheritdoc/>
    public override PackedCounts ExpectedCounts(int outputs, int inputs, double sparsity) => Counts(outputs, inputs) with
    {
        Overflow = (long)Math.Round(outputs * (inputs / Shape.M * ExpectedOverflow(Shape.M, sparsity) + ExpectedOverflow(inputs % Shape.M, sparsity))),
    };

    /// <inheritdoc/>
    public override byte[] Pack(WeightMatrix weights)
    {
        CheckShape(weights);
        var (values, scales) = weights.ToInt8();
        var blob = new PackedBlob(this, weights.Outputs, weights.Inputs, Measure(weights).Counts);
        WriteSums(blob, values, scales, weights.Inputs);
        var starts = blob.Section<uint>(OverflowStarts);
        var entries = blob.Section<uint>(Overflow);
        var slots = new int[weights.Inputs];
        var lists = new List<uint>[OutputsPerGroup];
        var end = 0;
        for (var group = 0; group < Groups(weights.Outputs); group++)
        {
            for (var lane = 0; lane < OutputsPerGroup; lane++)
            {
                lists[lane] = [];
                var output = group * OutputsPerGroup + lane;
                if (output >= weights.Outputs)
                    continue;
                AssignSlots(weights, output, slots);
                WriteSlots(blob, values, slots, output);
                for (var input = 0; input < slots.Length; input++)
                {
                    if (slots[input] == NoSlot)
                        lists[lane].Add((uint)(input | lane << 16 | values[output * slots.Length + input] << 24));
                }
            }

            starts[2 * group + 1] = (uint)(end + lists.Min(list => list.Count) * OutputsPerGroup);
            for (var turn = 0; turn < lists.Max(list => list.Count); turn++)
            {
                foreach (var list in lists)
                {
                    if (turn < list.Count)
                        entries[end++] = list[turn];
                }
            }

            starts[2 * group + 2] = (uint)end;
        }

        return blob.Finish();
    }

    internal override (long Items, long Overflow) MaxCounts(int outputs, int inputs) =>
        (base.MaxCounts(outputs, inputs).Items, outputs * ((long)inputs / Shape.M * (Shape.M - Shape.N) + Math.Max(0, inputs % Shape.M - Shape.N)));

    internal override void ValidateSections(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        base.ValidateSections(blob, packed);
        var starts = packed.Section<uint>(blob, OverflowStarts);
        var entries = packed.Section<uint>(blob, Overflow);
        if (starts[0] != 0 || starts[^1] != packed.Counts.Overflow)
            throw new InvalidDataException("The packed weights have overflow starts that do not cover the overflow.");
        for (var i = 0; i + 1 < starts.Length; i++)
        {
            if (starts[i] > starts[i + 1])
                throw new InvalidDataException($"The packed weights have decreasing overflow starts at group {i / 2}.");
        }

        for (var group = 0; group < Groups(packed.Outputs); group++)
            CheckOverflow(entries[(int)starts[2 * group]..(int)starts[2 * group + 2]], (int)(starts[2 * group + 1] - starts[2 * group]), group, packed);
    }

    internal override unsafe void Bind(byte* blob, PackedWeights packed, SparseJob* job)
    {
        base.Bind(blob, packed, job);
        job->OverflowStarts = (uint*)(blob + packed.Layout.Offset(OverflowStarts));
        job->Overflow = (uint*)(blob + packed.Layout.Offset(Overflow));
    }

    /// <summary>Items, and one for each overflowing weight: about what they take.</summary>
    internal override ReadOnlySpan<uint> GroupStarts(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        var overflow = packed.Section<uint>(blob, OverflowStarts);
        var starts = new uint[Groups(packed.Outputs) + 1];
        for (var group = 0; group < starts.Length; group++)
            starts[group] = (uint)((long)group * Units(packed.Inputs) * Shape.StepsPerUnit * ItemsPerStep + overflow[2 * group]);
        return starts;
    }

    private protected override void OtherSectionBytes(int outputs, int inputs, PackedCounts counts, Span<long> lengths)
    {
        base.OtherSectionBytes(outputs, inputs, counts, lengths);
        lengths[OverflowStarts] = (Groups(outputs) * 2L + 1) * sizeof(uint);
        lengths[Overflow] = counts.Overflow * sizeof(uint);
    }

    private protected override UnpackedWeights Unpack(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        var unpacked = base.Unpack(blob, packed);
        var starts = packed.Section<uint>(blob, OverflowStarts);
        var entries = packed.Section<uint>(blob, Overflow);
        for (var group = 0; group < Groups(packed.Outputs); group++)
        {
            foreach (var entry in entries[(int)starts[2 * group]..(int)starts[2 * group + 2]])
                unpacked.Integers![(group * OutputsPerGroup + Lane(entry)) * packed.Inputs + Input(entry)] += (int)entry >> 24;
        }

        return unpacked;
    }

    private void CheckOverflow(ReadOnlySpan<uint> entries, int inRounds, int group, PackedWeights packed)
    {
        var lanes = Math.Min(OutputsPerGroup, packed.Outputs - group * OutputsPerGroup);
        if (inRounds % OutputsPerGroup != 0)
            throw new InvalidDataException($"The packed weights have an incomplete round of overflow in group {group}.");
        for (var i = 0; i < entries.Length; i++)
        {
            if (Input(entries[i]) >= packed.Inputs || Lane(entries[i]) >= lanes || (i < inRounds && Lane(entries[i]) != i % OutputsPerGroup))
                throw new InvalidDataException($"The packed weights have an overflowing weight out of place in group {group}.");
        }
    }

    private static int Input(uint entry) => (ushort)entry;

    private static int Lane(uint entry) => (byte)(entry >> 16);

    /// <summary>The mean of max(0, X - N) for the non-zeros X of one window, binomially distributed.</summary>
    private double ExpectedOverflow(int window, double sparsity)
    {
        var density = 1 - sparsity;
        double combinations = 1, expected = 0;
        for (var count = 0; count <= window; count++)
        {
            expected += Math.Max(0, count - Shape.N) * combinations * Math.Pow(density, count) * Math.Pow(sparsity, window - count);
            combinations = combinations * (window - count) / (count + 1);
        }

        return expected;
    }
}
