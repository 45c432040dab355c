namespace PruneBuild.Runtime;

/// <summary>
/// N non-zeros in M inputs, int4. Sixteen steps make a run, 64 stored weights of an output; scales are those of
/// <see cref="Block8x4Int4"/>: real weight = q × runScale × outputScale, q in -8..7.
/// Sections: 0 chunks (see <see cref="NofMFormat"/>) of 32 bytes of positions and 32 bytes for each two steps (q + 8; the even
/// step in the low nibbles, the odd in the high ones); 1 f32 output scales, then i32 zero-point sums, each [groups × 8];
/// 2 i16 run scales [groups, runs, 8].
/// </summary>
public sealed class NofMInt4 : NofMFormat
{
    /// <summary>Steps that share their scales: as many as 16-bit sums of 127 · 8 · 2 hold.</summary>
    internal const int StepsPerRun = 16;

    private const int PairBytes = 32;
    private const int SlotsPerRun = StepsPerRun * SlotsPerStep;
    private const int RunScales = 2;

    private NofMInt4(NofMShape shape, int id) : base(shape, ".int4", id)
    {
    }

    /// <summary>2:4: 50 % sparsity at 0.41 bytes a weight.</summary>
    public static NofMInt4 TwoOfFour { get; } = new(NofMShape.Of<TwoOfFour>(), 13);

    /// <summary>4:16: 75 % sparsity at 0.26 bytes a weight.</summary>
    public static NofMInt4 FourOfSixteen { get; } = new(NofMShape.Of<FourOfSixteen>(), 14);

    /// <summary>8:16: 50 % sparsity with more freedom than 2:4, at 0.52 bytes a weight.</summary>
    public static NofMInt4 EightOfSixteen { get; } = new(NofMShape.Of<EightOfSixteen>(), 15);

    /// <inheritdoc/>
    public override WeightPrecision Precision => WeightPrecision.FourBit;

    /// <summary>Packs float weights, rounded to the nearest level of their run.</summary>
    /// <exception cref="ArgumentException">The weights are int8, not finite, too many inputs, or do not obey the pattern.</exception>
    public override byte[] Pack(WeightMatrix weights) => Pack(WeightLevels.Nearest(weights.RequireSingles(Name), Runs(weights)));

    /// <inheritdoc/>
    public override ScaleRuns Runs(WeightMatrix weights)
    {
        weights.RequireSingles(Name);
        return RunsOf(weights);
    }

    /// <inheritdoc/>
    public override byte[] Pack(WeightLevels levels)
    {
        var stored = levels.Checked(isTwoLevel: true).Runs.Stored();
        if (!RunsOf(stored).Of.AsSpan().SequenceEqual(levels.Runs.Of))
            throw new ArgumentException($"The runs are not those of '{Name}'.", nameof(levels));
        var blob = new PackedBlob(this, stored.Outputs, stored.Inputs, Counts(stored.Outputs, stored.Inputs));
        FillWithZeros(blob.Section<byte>(Chunks));
        var slots = new int[stored.Inputs];
        for (var output = 0; output < stored.Outputs; output++)
        {
            AssignEverySlot(stored, output, slots);
            WriteOutput(blob, levels, slots, output);
        }

        return blob.Finish();
    }

    internal override unsafe void Bind(byte* blob, PackedWeights packed, SparseJob* job)
    {
        base.Bind(blob, packed, job);
        job->RunScales = (short*)(blob + packed.Layout.Offset(RunScales));
    }

    private protected override int ChunkBytes => PositionBytes + Shape.StepsPerChunk / 2 * PairBytes;

    private protected override void OtherSectionBytes(int outputs, int inputs, PackedCounts counts, Span<long> lengths)
    {
        base.OtherSectionBytes(outputs, inputs, counts, lengths);
        lengths[RunScales] = (long)Groups(outputs) * RunCount(inputs) * OutputsPerGroup * sizeof(short);
    }

    private protected override UnpackedWeights Unpack(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        var weights = new int[(long)packed.Outputs * packed.Inputs];
        var chunks = packed.Section<byte>(blob, Chunks);
        var runScales = packed.Section<short>(blob, RunScales);
        for (var output = 0; output < packed.Outputs; output++)
        {
            for (var slot = 0; slot < Slots(packed.Inputs); slot++)
            {
                var place = Locate(output, slot, packed.Inputs);
                var (at, shift) = NibbleAt(place);
                var input = ReadInput(chunks, place, slot);
                if (input < packed.Inputs)
                    weights[output * packed.Inputs + input] += ((chunks[at] >> shift & 0xF) - 8) * runScales[RunScaleAt(output, slot, packed.Inputs)];
            }
        }

        return new(packed.Outputs, packed.Inputs, null, weights, packed.Section<float>(blob, OutputScales)[..packed.Outputs].ToArray());
    }

    private void WriteOutput(PackedBlob blob, WeightLevels levels, ReadOnlySpan<int> slots, int output)
    {
        var chunks = blob.Section<byte>(Chunks);
        var runScales = blob.Section<short>(RunScales);
        var scales = blob.Section<float>(OutputScales);
        var integers = levels.Scales.Integers.AsSpan(output * levels.Scales.PerOutput, RunCount(slots.Length));
        for (var run = 0; run < integers.Length; run++)
            runScales[RunScaleAt(output, run * SlotsPerRun, slots.Length)] = integers[run];
        var sum = 0;
        for (var input = 0; input < slots.Length; input++)
        {
            if (slots[input] < 0)
                continue;
            int q = levels.Levels[output * slots.Length + input];
            sum += q * integers[slots[input] / SlotsPerRun];
            var place = Locate(output, slots[input], slots.Length);
            WritePosition(chunks, place, input);
            var (at, shift) = NibbleAt(place);
            chunks[at] = (byte)(chunks[at] & ~(0xF << shift) | q + 8 << shift);
        }

        scales[output] = levels.Scales.Outputs[output];
        SumsOf(scales)[output] = -ActivationQuantizer.ZeroPoint * sum;
    }

    private ScaleRuns RunsOf(WeightMatrix weights)
    {
        CheckShape(weights);
        var of = new short[(long)weights.Outputs * weights.Inputs];
        var counts = new int[weights.Outputs];
        Array.Fill(counts, RunCount(weights.Inputs));
        var slots = new int[weights.Inputs];
        for (var output = 0; output < weights.Outputs; output++)
        {
            AssignEverySlot(weights, output, slots);
            for (var input = 0; input < slots.Length; input++)
                of[output * slots.Length + input] = slots[input] < 0 ? ScaleRuns.None : (short)(slots[input] / SlotsPerRun);
        }

        return ScaleRuns.Int4(weights.Outputs, weights.Inputs, of, counts);
    }

    private int RunCount(int inputs) => (Slots(inputs) + SlotsPerRun - 1) / SlotsPerRun;

    private int RunScaleAt(int output, int slot, int inputs) =>
        (output / OutputsPerGroup * RunCount(inputs) + slot / SlotsPerRun) * OutputsPerGroup + output % OutputsPerGroup;

    private static (int Byte, int Shift) NibbleAt((int Byte, int Step) place) => (place.Byte + PositionBytes + place.Step / 2 * PairBytes, place.Step % 2 * 4);

    /// <summary>A weight of zero is a nibble of 8.</summary>
    private void FillWithZeros(Span<byte> chunks)
    {
        for (; !chunks.IsEmpty; chunks = chunks[ChunkBytes..])
            chunks[PositionBytes..ChunkBytes].Fill(0x88);
    }
}
