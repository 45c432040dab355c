namespace PruneBuild.Runtime;

/// <summary>
/// n non-zeros in each window of m consecutive inputs of an output (N:M sparsity, Mishra et al. 2021), float32. A slot is one
/// non-zero of a window for each of 8 outputs. Chunks of windows share a vector of positions, transposed: dword i holds those of
/// output i, the first slot lowest, so that a kernel shifts all outputs by the same constant.
/// Sections: 0 positions, 32 bytes a chunk; 1 values, 8 floats a slot. Windows behind the last input hold zeros.
/// </summary>
public abstract class WindowFormat : PackedFormat
{
    private const int Positions = 0;
    private const int Values = 1;
    private const int Lanes = 8;

    private readonly int slots;
    private readonly int window;
    private readonly int positionBits;

    /// <param name="name">The name in node attributes and manifests.</param>
    /// <param name="id">The number in the header of a packed blob.</param>
    /// <param name="slots">Non-zeros of a window (n).</param>
    /// <param name="window">Inputs of a window (m).</param>
    /// <param name="positionBits">Bits of a stored position.</param>
    private protected WindowFormat(string name, int id, int slots, int window, int positionBits) : base(name, id) =>
        (this.slots, this.window, this.positionBits) = (slots, window, positionBits);

    /// <inheritdoc/>
    public override string Pattern => $"{slots}:{window}";

    /// <inheritdoc/>
    public override WeightPrecision Precision => WeightPrecision.FullPrecision;

    /// <inheritdoc/>
    public override bool QuantizesActivations => false;

    /// <inheritdoc/>
    public override int InputsPerUnit => window;

    /// <inheritdoc/>
    public override int MaxInputs => 1 << 24;

    private int SlotsPerChunk => 32 / positionBits;

    private int InputsPerChunk => SlotsPerChunk / slots * window;

    /// <inheritdoc/>
    public override PatternFit Measure(WeightMatrix weights)
    {
        var obstacle = weights.Inputs > MaxInputs ? $"{weights.Inputs} inputs are more than the format's {MaxInputs}"
            : weights.Singles is null ? "the weights are int8"
            : FirstCrowded(weights) is { } crowded ? $"output {crowded.Output} has more than {slots} non-zeros in the {window} inputs from {crowded.Input} on"
            : null;
        return new(1 - (double)slots / window, ExpectedCounts(weights.Outputs, weights.Inputs, 0), obstacle);
    }

    /// <summary>Follows from the shape alone: empty slots are stored too.</summary>
    public override PackedCounts ExpectedCounts(int outputs, int inputs, double sparsity) => new((long)Groups(outputs) * Chunks(inputs) * SlotsPerChunk);

    /// <inheritdoc/>
    public override byte[] Pack(WeightMatrix weights)
    {
        CheckShape(weights);
        var singles = weights.RequireSingles(Name);
        if (FirstCrowded(weights) is { } crowded)
            throw new ArgumentException($"'{Name}' holds {slots} non-zeros in {window} inputs; output {crowded.Output} has more from input {crowded.Input} on.", nameof(weights));
        var blob = new PackedBlob(this, weights.Outputs, weights.Inputs, ExpectedCounts(weights.Outputs, weights.Inputs, 0));
        var positions = blob.Section<uint>(Positions);
        var values = blob.Section<float>(Values);
        for (var output = 0; output < weights.Outputs; output++)
        {
            var row = singles.AsSpan(output * weights.Inputs, weights.Inputs);
            var used = 0;
            for (var input = 0; input < row.Length; input++)
            {
                if (input % window == 0)
                    used = 0;
                if (row[input] == 0)
                    continue;
                var (chunk, slot) = Slot(output, input / window * slots + used++, weights.Inputs);
                positions[chunk * Lanes + output % Lanes] |= (uint)(input % window) << (slot * positionBits);
                values[(chunk * SlotsPerChunk + slot) * Lanes + output % Lanes] = row[input];
            }
        }

        return blob.Finish();
    }

    internal override (long Items, long Overflow) MaxCounts(int outputs, int inputs) => (ExpectedCounts(outputs, inputs, 0).Items, 0);

    internal override void SectionBytes(int outputs, int inputs, PackedCounts counts, Span<long> lengths)
    {
        lengths[Positions] = (long)Groups(outputs) * Chunks(inputs) * Lanes * sizeof(uint);
        lengths[Values] = counts.Items * Lanes * sizeof(float);
    }

    internal override void ValidateSections(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        if (packed.Counts.Items != ExpectedCounts(packed.Outputs, packed.Inputs, 0).Items)
            throw new InvalidDataException("The packed weights have a number of slots that does not fit their shape.");
        var positions = packed.Section<uint>(blob, Positions);
        var values = packed.Section<float>(blob, Values);
        var windows = Units(packed.Inputs);
        for (var first = 0; first < positions.Length; first += Lanes)
        {
            var chunk = first / Lanes;
            var stored = Math.Clamp((windows - chunk % Chunks(packed.Inputs) * (SlotsPerChunk / slots)) * slots, 0, SlotsPerChunk);
            for (var lane = 0; lane < Lanes; lane++)
                CheckSlots(positions[first + lane], values.Slice(chunk * SlotsPerChunk * Lanes, SlotsPerChunk * Lanes)[lane..], stored, chunk);
        }
    }

    /// <summary>Positions of one output in one chunk ascend within a window; an empty slot is all zero, and so are slots behind the last window.</summary>
    private void CheckSlots(uint positions, ReadOnlySpan<float> values, int stored, int chunk)
    {
        var previous = -1;
        for (var slot = 0; slot < SlotsPerChunk; slot++)
        {
            var position = (int)(positions >> (slot * positionBits) & ((1u << positionBits) - 1));
            previous = slot % slots == 0 ? -1 : previous;
            var isEmpty = values[slot * Lanes] == 0;
            if (isEmpty ? position != 0 : position <= previous || position >= window || slot >= stored)
                throw new InvalidDataException($"The packed weights have a position out of order or range in chunk {chunk}.");
            previous = isEmpty ? window : position;
        }
    }

    internal override unsafe void Bind(byte* blob, PackedWeights packed, SparseJob* job)
    {
        job->Metadata = blob + packed.Layout.Offset(Positions);
        job->Values = blob + packed.Layout.Offset(Values);
    }

    internal override ReadOnlySpan<uint> GroupStarts(ReadOnlySpan<byte> blob, PackedWeights packed) => [];

    private protected override UnpackedWeights Unpack(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        var weights = new float[(long)packed.Outputs * packed.Inputs];
        var positions = packed.Section<uint>(blob, Positions);
        var values = packed.Section<float>(blob, Values);
        var windows = Units(packed.Inputs);
        for (var output = 0; output < packed.Outputs; output++)
        {
            for (var item = 0; item < windows * slots; item++)
            {
                var (chunk, slot) = Slot(output, item, packed.Inputs);
                var input = item / slots * window + (int)(positions[chunk * Lanes + output % Lanes] >> (slot * positionBits) & (uint)(window - 1));
                // Slots add up, as in the kernels; empty ones say 0.
                if (input < packed.Inputs)
                    weights[output * packed.Inputs + input] += values[(chunk * SlotsPerChunk + slot) * Lanes + output % Lanes];
            }
        }

        return new(packed.Outputs, packed.Inputs, weights);
    }

    private int Chunks(int inputs) => (inputs + InputsPerChunk - 1) / InputsPerChunk;

    /// <summary>Where the item-th slot of an output is stored: chunk of the matrix, slot of the chunk.</summary>
    private (int Chunk, int Slot) Slot(int output, int item, int inputs) =>
        (output / Lanes * Chunks(inputs) + item / SlotsPerChunk, item % SlotsPerChunk);

    private (int Output, int Input)? FirstCrowded(WeightMatrix weights)
    {
        for (var output = 0; output < weights.Outputs; output++)
        {
            for (var first = 0; first < weights.Inputs; first += window)
            {
                var used = 0;
                for (var input = first; input < Math.Min(first + window, weights.Inputs); input++)
                    used += weights.IsZero(output, input) ? 0 : 1;
                if (used > slots)
                    return (output, first);
            }
        }

        return null;
    }
}
