namespace PruneBuild.Runtime;

/// <summary>
/// N non-zeros in M inputs, int8, one float scale per output. Sections: 0 chunks (see <see cref="NofMFormat"/>) of 32 bytes of
/// positions and 32 bytes of weights a step; 1 f32 output scales, then i32 zero-point sums, each [groups × 8].
/// </summary>
public class NofMInt8 : NofMFormat
{
    private const int StepBytes = 32;

    private protected NofMInt8(NofMShape shape, string suffix, int id) : base(shape, suffix, id)
    {
    }

    /// <summary>2:4: 50 % sparsity at 0.63 bytes a weight.</summary>
    public static NofMInt8 TwoOfFour { get; } = new(NofMShape.Of<TwoOfFour>(), ".int8", 10);

    /// <summary>4:16: 75 % sparsity at 0.38 bytes a weight.</summary>
    public static NofMInt8 FourOfSixteen { get; } = new(NofMShape.Of<FourOfSixteen>(), ".int8", 11);

    /// <summary>8:16: 50 % sparsity with more freedom than 2:4, at 0.75 bytes a weight.</summary>
    public static NofMInt8 EightOfSixteen { get; } = new(NofMShape.Of<EightOfSixteen>(), ".int8", 12);

    /// <inheritdoc/>
    public override WeightPrecision Precision => WeightPrecision.EightBit;

    /// <inheritdoc/>
    public override byte[] Pack(WeightMatrix weights)
    {
        CheckShape(weights);
        var (values, scales) = weights.ToInt8();
        var blob = new PackedBlob(this, weights.Outputs, weights.Inputs, Counts(weights.Outputs, weights.Inputs));
        WriteSums(blob, values, scales, weights.Inputs);
        var slots = new int[weights.Inputs];
        for (var output = 0; output < weights.Outputs; output++)
        {
            AssignEverySlot(weights, output, slots);
            WriteSlots(blob, values, slots, output);
        }

        return blob.Finish();
    }

    private protected override int ChunkBytes => PositionBytes + Shape.StepsPerChunk * StepBytes;

    private protected static void WriteSums(PackedBlob blob, sbyte[] values, float[] scales, int inputs)
    {
        var section = blob.Section<float>(OutputScales);
        scales.CopyTo(section);
        var sums = SumsOf(section);
        for (var output = 0; output < scales.Length; output++)
        {
            var sum = 0;
            foreach (var weight in values.AsSpan(output * inputs, inputs))
                sum += weight;
            sums[output] = -ActivationQuantizer.ZeroPoint * sum;
        }
    }

    /// <summary>Stores the weights of one output that have a slot.</summary>
    private protected void WriteSlots(PackedBlob blob, sbyte[] values, ReadOnlySpan<int> slots, int output)
    {
        var chunks = blob.Section<byte>(Chunks);
        for (var input = 0; input < slots.Length; input++)
        {
            if (slots[input] < 0)
                continue;
            var place = Locate(output, slots[input], slots.Length);
            WritePosition(chunks, place, input);
            chunks[ValueAt(place)] = (byte)values[output * slots.Length + input];
        }
    }

    private protected override UnpackedWeights Unpack(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        var weights = new int[(long)packed.Outputs * packed.Inputs];
        var chunks = packed.Section<byte>(blob, Chunks);
        for (var output = 0; output < packed.Outputs; output++)
        {
            for (var slot = 0; slot < Slots(packed.Inputs); slot++)
            {
                var place = Locate(output, slot, packed.Inputs);
                var input = ReadInput(chunks, place, slot);
                if (input < packed.Inputs)
                    weights[output * packed.Inputs + input] += (sbyte)chunks[ValueAt(place)];
            }
        }

        return new(packed.Outputs, packed.Inputs, null, weights, packed.Section<float>(blob, OutputScales)[..packed.Outputs].ToArray());
    }

    private static int ValueAt((int Byte, int Step) place) => place.Byte + PositionBytes + place.Step * StepBytes;
}
