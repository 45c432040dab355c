using System.Numerics;

namespace PruneBuild.Runtime;

/// <summary>
/// A bit for each weight and the non-zeros: the smallest download of unstructured weights up to 88 % sparsity
/// (<see cref="CsrFormat"/> beyond), but no faster than dense ones to compute with. So it is for transport only; <see cref="PackedConversion"/> makes an executable blob of it.
/// Sections: 0 bits [outputs × inputs], row-major, lowest bit first; 1 non-zeros; 2 f32 scale of each output, where they are integers.
/// </summary>
public abstract class BitmapFormat : UnstructuredFormat
{
    private protected const int OutputScales = 2;
    private const int Bits = 0;
    private const int Values = 1;

    private protected BitmapFormat(string name, int id) : base(name, id)
    {
    }

    /// <inheritdoc/>
    public override bool IsExecutable => false;

    private protected abstract int BytesPerWeight { get; }

    internal override void SectionBytes(int outputs, int inputs, PackedCounts counts, Span<long> lengths)
    {
        lengths[Bits] = ((long)outputs * inputs + 7) / 8;
        lengths[Values] = counts.Items * BytesPerWeight;
    }

    internal override void ValidateSections(ReadOnlySpan<byte> blob, PackedWeights packed)
    {
        var bits = packed.Section<byte>(blob, Bits);
        var set = 0L;
        foreach (var eight in bits)
            set += BitOperations.PopCount(eight);
        var last = (int)((long)packed.Outputs * packed.Inputs % 8);
        if (set != packed.Counts.Items || (last != 0 && bits[^1] >> last != 0))
            throw new InvalidDataException("The packed weights have a bitmap that does not fit their non-zeros.");
    }

    internal override unsafe void Bind(byte* blob, PackedWeights packed, SparseJob* job) =>
        throw new NotSupportedException($"'{Name}' is a transport format.");

    internal override ReadOnlySpan<uint> GroupStarts(ReadOnlySpan<byte> blob, PackedWeights packed) => [];

    private protected PackedBlob Fill<T>(WeightMatrix weights, T[] values) where T : unmanaged, INumber<T>
    {
        CheckShape(weights);
        var blob = new PackedBlob(this, weights.Outputs, weights.Inputs, new(values.LongCount(value => !T.IsZero(value))));
        var bits = blob.Section<byte>(Bits);
        var stored = blob.Section<T>(Values);
        var item = 0;
        for (var at = 0; at < values.Length; at++)
        {
            if (T.IsZero(values[at]))
                continue;
            bits[at / 8] |= (byte)(1 << (at % 8));
            stored[item++] = values[at];
        }

        return blob;
    }

    private protected static TWide[] Dense<T, TWide>(ReadOnlySpan<byte> blob, PackedWeights packed)
        where T : unmanaged, INumber<T>
        where TWide : INumber<TWide>
    {
        var weights = new TWide[(long)packed.Outputs * packed.Inputs];
        var bits = packed.Section<byte>(blob, Bits);
        var stored = packed.Section<T>(blob, Values);
        var item = 0;
        for (var at = 0; at < weights.Length; at++)
        {
            if ((bits[at / 8] >> (at % 8) & 1) != 0)
                weights[at] = TWide.CreateTruncating(stored[item++]);
        }

        return weights;
    }
}
