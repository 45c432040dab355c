using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>Any CPU: 16-bit multiplies of even and odd bytes. Exact, since 127 · 128 · 2 fits 16 bits.</summary>
internal unsafe struct PortableInt8 : IInt8Tier<BytePair, Int32Pair, Int32Pair>
{
    public static KernelTier Tier => KernelTier.Portable;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePair Load(void* bytes) => BytePair.Load(bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePair Quad(byte* x) => BytePair.Both(Vector128.Create(Unsafe.ReadUnaligned<uint>(x)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePair Octet(byte* x) => BytePair.Both(Vector128.Create(Unsafe.ReadUnaligned<ulong>(x)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePair Window(byte* x) => BytePair.Both(Vector128.Load(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePair Pick(BytePair window, BytePair positions) =>
        new(Vector128.Shuffle(window.Low, positions.Low), Vector128.Shuffle(window.High, positions.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePair And(BytePair bytes, byte mask) => BytePair.And(bytes, mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePair Or(BytePair bytes, ulong pattern) => BytePair.Or(bytes, pattern);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePair ShiftRight(BytePair bytes, int bits) => BytePair.ShiftRight(bytes, bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePair Int4(BytePair nibbles) => BytePair.Int4(nibbles);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int32Pair LoadSums(int* sums) => Int32Pair.Load(sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int32Pair Add(Int32Pair left, Int32Pair right) => Int32Pair.Add(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int32Pair Dot(Int32Pair sums, BytePair x, BytePair weights) =>
        new(Quads(sums.Low, x.Low, weights.Low), Quads(sums.High, x.High, weights.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int32Pair DotPartial(Int32Pair partial, BytePair x, BytePair weights) => Dot(partial, x, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int32Pair Fold(Int32Pair sums, Int32Pair partial, short* scales) => Int32Pair.Fold(sums, partial, scales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Int32Pair sums, float rowScale, float* outputScales, float* bias, bool relu, float* y) =>
        Int32Pair.Store(sums, rowScale, outputScales, bias, relu, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Quads(Vector128<int> sums, Vector128<byte> x, Vector128<byte> weights)
    {
        var words = x.AsInt16();
        var even = words & Vector128.Create((short)0xFF);
        var odd = Vector128.ShiftRightLogical(words, 8);
        var evenWeights = Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(weights.AsInt16(), 8), 8);
        var oddWeights = Vector128.ShiftRightArithmetic(weights.AsInt16(), 8);
        var pairs = (even * evenWeights + odd * oddWeights).AsInt32();
        return sums + Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(pairs, 16), 16) + Vector128.ShiftRightArithmetic(pairs, 16);
    }
}
