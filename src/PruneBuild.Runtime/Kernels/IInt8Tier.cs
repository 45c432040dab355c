namespace PruneBuild.Runtime;

/// <summary>
/// The instructions that integer kernels are made of, once per ISA tier. Eight lanes, one per output; a lane holds 4 bytes.
/// Activations are 0..127 and weights -128..127, so every tier gives the same integers.
/// </summary>
/// <typeparam name="TBytes">32 bytes.</typeparam>
/// <typeparam name="TPartial">Sums of one run of int4 products; 16 steps of 127 · 8 · 2 fit 16 bits.</typeparam>
/// <typeparam name="TSums">Eight int32 sums.</typeparam>
internal unsafe interface IInt8Tier<TBytes, TPartial, TSums>
    where TBytes : struct
    where TPartial : struct
    where TSums : struct
{
    /// <summary>The tier these instructions need.</summary>
    static abstract KernelTier Tier { get; }

    /// <summary>32 bytes from memory.</summary>
    static abstract TBytes Load(void* bytes);

    /// <summary>4 bytes of activations in each of the 8 lanes.</summary>
    static abstract TBytes Quad(byte* x);

    /// <summary>8 bytes of activations in each pair of lanes.</summary>
    static abstract TBytes Octet(byte* x);

    /// <summary>16 bytes of activations in each half.</summary>
    static abstract TBytes Window(byte* x);

    /// <summary>Each byte picks a byte of its half of the window; positions are 0..15.</summary>
    static abstract TBytes Pick(TBytes window, TBytes positions);

    /// <summary>Every byte and a mask.</summary>
    static abstract TBytes And(TBytes bytes, byte mask);

    /// <summary>Every byte or the byte of a pattern that repeats each 8 bytes.</summary>
    static abstract TBytes Or(TBytes bytes, ulong pattern);

    /// <summary>16-bit elements shifted right; callers mask what crosses between bytes.</summary>
    static abstract TBytes ShiftRight(TBytes bytes, int bits);

    /// <summary>Nibbles 0..15 to weights -8..7.</summary>
    static abstract TBytes Int4(TBytes nibbles);

    /// <summary>Eight sums from memory.</summary>
    static abstract TSums LoadSums(int* sums);

    /// <summary>Lane by lane.</summary>
    static abstract TSums Add(TSums left, TSums right);

    /// <summary>Adds to each lane its 4 products.</summary>
    static abstract TSums Dot(TSums sums, TBytes x, TBytes weights);

    /// <summary>Adds int4 products; 16 times at most before <see cref="Fold"/>.</summary>
    static abstract TPartial DotPartial(TPartial partial, TBytes x, TBytes weights);

    /// <summary>Adds to each lane its partial sum times the lane's scale.</summary>
    static abstract TSums Fold(TSums sums, TPartial partial, short* scales);

    /// <summary>y = relu(rowScale × (sum × outputScale) + bias), in that order of rounding.</summary>
    static abstract void Store(TSums sums, float rowScale, float* outputScales, float* bias, bool relu, float* y);
}
