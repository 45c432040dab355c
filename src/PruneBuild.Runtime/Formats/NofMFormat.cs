using System.Runtime.InteropServices;

namespace PruneBuild.Runtime;

/// <summary>
/// What the formats of N non-zeros in M inputs share. Every group has the same work: slots for the most non-zeros the pattern
/// allows. Section 0 is one stream of chunks, group after group: 32 bytes of positions, then the weights of the steps that share
/// them. Byte 4 · output + i of both belongs to the i-th slot of that output in a step; the positions of successive steps take
/// successive bits of the byte. Slots without a weight hold a zero at position 0, as do steps beyond the last unit.
/// Items count every step twice: it takes about as long as two stored blocks.
/// </summary>
public abstract class NofMFormat : PackedFormat
{
    internal const int SlotsPerStep = 4;
    internal const int PositionBytes = 32;

    private protected const int ItemsPerStep = 2;
    private protected const int Chunks = 0;
    private protected const int OutputScales = 1;

    private readonly NofMShape shape;

    private protected NofMFormat(NofMShape shape, string suffix, int id) : base(shape.Name + suffix, id) => this.shape = shape;

    /// <inheritdoc/>
    public override string Pattern => shape.Name;

    /// <inheritdoc/>
    public override bool QuantizesActivations => true;

    /// <inheritdoc/>
    public override int InputsPerUnit => shape.InputsPerUnit;

    /// <summary>More would overflow 32-bit sums.</summary>
    public override int MaxInputs => 1 << 18;

    /// <inheritdoc/>
    public override PatternFit Measure(WeightMatrix weights)
    {
        var obstacle = weights.Inputs > MaxInputs ? $"{weights.Inputs} inputs are more than the format's {MaxInputs}"
            : Precision == WeightPrecision.FourBit && weights.Singles is null ? "the weights are int8"
            : Violation(weights);
        return new(obstacle is null ? 1 - (double)shape.N / shape.M : 0, Counts(weights.Outputs, weights.Inputs), obstacle);
    }

    /// <inheritdoc/>
    public override PackedCounts ExpectedCounts(int outputs, int inputs, double sparsity) => Counts(outputs, inputs);

    internal override (long Items, long Overflow) MaxCounts(int outputs, int inputs) => (Counts(outputs, inputs).Items, 0);

    internal override ReadOnlySpan<uint> GroupStarts(ReadOnlySpan<byte> blob, PackedWeights packed) => [];

    internal override void SectionBytes(int outputs, int inputs, PackedCounts counts, Span<long> lengths)
    {
        lengths[Chunks] = (long)Groups(outputs) * ChunksPerGroup(inputs) * ChunkBytes;
        OtherSectionBytes(outputs, inputs, counts, lengths);
    }

    internal override void ValidateSections(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        // Positions need no check: their bits cannot point outside a window, and rows of activations have whole units.
        if (packed.Counts.Items != Counts(packed.Outputs, packed.Inputs).Items)
            throw new InvalidDataException($"The packed weights claim {packed.Counts.Items} items, which do not fit {packed.Outputs} x {packed.Inputs}.");
        foreach (var scale in packed.Section<float>(blob, OutputScales)[..(Groups(packed.Outputs) * OutputsPerGroup)])
        {
            if (!float.IsFinite(scale))
                throw new InvalidDataException("The packed weights have a scale that is not finite.");
        }
    }

    internal override unsafe void Bind(byte* blob, PackedWeights packed, SparseJob* job)
    {
        job->Values = blob + packed.Layout.Offset(Chunks);
        job->OutputScales = (float*)(blob + packed.Layout.Offset(OutputScales));
        job->ZeroPointSums = (int*)(job->OutputScales + (nint)Groups(packed.Outputs) * OutputsPerGroup);
    }

    /// <summary>Bytes of a chunk: positions and the weights of their steps.</summary>
    private protected abstract int ChunkBytes { get; }

    /// <summary>Bytes of the sections from <see cref="OutputScales"/> on.</summary>
    private protected virtual void OtherSectionBytes(int outputs, int inputs, PackedCounts counts, Span<long> lengths) =>
        lengths[OutputScales] = (long)Groups(outputs) * OutputsPerGroup * (sizeof(float) + sizeof(int));

    private protected NofMShape Shape => shape;

    /// <summary>Slots of one output, those of steps beyond the last unit left out.</summary>
    private protected int Slots(int inputs) => Units(inputs) * shape.SlotsPerUnit;

    private protected PackedCounts Counts(int outputs, int inputs) => new((long)Groups(outputs) * Units(inputs) * shape.StepsPerUnit * ItemsPerStep);

    /// <summary>
    /// Gives each non-zero of one output a slot, in order within its window: -1 for a zero, -2 for a non-zero that its window has
    /// no slot for.
    /// </summary>
    private protected void AssignSlots(WeightMatrix weights, int output, Span<int> slots)
    {
        var used = 0;
        for (var input = 0; input < slots.Length; input++)
        {
            used = input % shape.M == 0 ? 0 : used;
            slots[input] = weights.IsZero(output, input) ? ZeroSlot : used == shape.N ? NoSlot : input / shape.M * shape.N + used++;
        }
    }

    private protected const int ZeroSlot = -1;
    private protected const int NoSlot = -2;

    /// <summary>As <see cref="AssignSlots"/>, where every non-zero must have a slot.</summary>
    /// <exception cref="ArgumentException">The weights do not obey the pattern.</exception>
    private protected void AssignEverySlot(WeightMatrix weights, int output, Span<int> slots)
    {
        AssignSlots(weights, output, slots);
        if (slots.IndexOf(NoSlot) is >= 0 and var input)
            throw new ArgumentException($"The weights cannot be packed as '{Name}': {Violation(output, input)}.", nameof(weights));
    }

    /// <summary>The positions or, behind <see cref="PositionBytes"/>, the weights of a slot: a byte of its chunk and how far to shift.</summary>
    private protected (int Byte, int Step) Locate(int output, int slot, int inputs)
    {
        var step = slot / SlotsPerStep;
        var chunk = output / OutputsPerGroup * ChunksPerGroup(inputs) + step / shape.StepsPerChunk;
        return (chunk * ChunkBytes + output % OutputsPerGroup * SlotsPerStep + slot % SlotsPerStep, step % shape.StepsPerChunk);
    }

    private protected void WritePosition(Span<byte> chunks, (int Byte, int Step) place, int input) =>
        chunks[place.Byte] |= (byte)(input % shape.M << place.Step * shape.PositionBits);

    /// <summary>The input whose weight a slot holds; beyond the matrix only in a blob that no packer wrote.</summary>
    private protected int ReadInput(ReadOnlySpan<byte> chunks, (int Byte, int Step) place, int slot) =>
        slot / shape.N * shape.M + (chunks[place.Byte] >> place.Step * shape.PositionBits & (1 << shape.PositionBits) - 1);

    /// <summary>Scales, then zero-point sums.</summary>
    private protected static Span<int> SumsOf(Span<float> scalesAndSums) => MemoryMarshal.Cast<float, int>(scalesAndSums[(scalesAndSums.Length / 2)..]);

    private int ChunksPerGroup(int inputs) => (Units(inputs) * shape.StepsPerUnit + shape.StepsPerChunk - 1) / shape.StepsPerChunk;

    private string? Violation(WeightMatrix weights)
    {
        var slots = new int[weights.Inputs];
        for (var output = 0; output < weights.Outputs; output++)
        {
            AssignSlots(weights, output, slots);
            if (Array.IndexOf(slots, NoSlot) is >= 0 and var input)
                return Violation(output, input);
        }

        return null;
    }

    private string Violation(int output, int input)
    {
        var window = input / shape.M * shape.M;
        return $"output {output} has more than {shape.N} non-zeros in the {shape.M} inputs from {window} on";
    }
}
