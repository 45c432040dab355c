using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PruneBuild.Runtime;

/// <summary>
/// x64 with AVX-VNNI (Alder Lake, Sapphire Rapids, Zen 5 and later): vpdpbusd. All but the dot product is AVX2; where the CPU lacks
/// vpdpbusd, its definition in AVX2 stands in, so that tests run the rest of this tier anywhere
/// (under the JIT only).
/// </summary>
internal unsafe struct AvxVnniInt8 : IInt8Tier<Vector256<byte>, Vector256<short>, Vector256<int>>
{
    public static KernelTier Tier => KernelTier.AvxVnni;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Load(void* bytes) => Avx2Int8.Load(bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Quad(byte* x) => Avx2Int8.Quad(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Octet(byte* x) => Avx2Int8.Octet(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Window(byte* x) => Avx2Int8.Window(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Pick(Vector256<byte> window, Vector256<byte> positions) => Avx2Int8.Pick(window, positions);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> And(Vector256<byte> bytes, byte mask) => Avx2Int8.And(bytes, mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Or(Vector256<byte> bytes, ulong pattern) => Avx2Int8.Or(bytes, pattern);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> ShiftRight(Vector256<byte> bytes, int bits) => Avx2Int8.ShiftRight(bytes, bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Int4(Vector256<byte> nibbles) => Avx2Int8.Int4(nibbles);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadSums(int* sums) => Avx2Int8.LoadSums(sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> left, Vector256<int> right) => Avx2Int8.Add(left, right);

    // Ahead of time IsSupported is a branch on every block, and no test of the stand-in runs: there the instruction stands alone.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Dot(Vector256<int> sums, Vector256<byte> x, Vector256<byte> weights) => AvxVnni.IsSupported || !RuntimeFeature.IsDynamicCodeCompiled
        ? AvxVnni.MultiplyWideningAndAdd(sums, x, weights.AsSByte())
        : Avx2Int8.Dot(sums, x, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> DotPartial(Vector256<short> partial, Vector256<byte> x, Vector256<byte> weights) => Avx2Int8.DotPartial(partial, x, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Fold(Vector256<int> sums, Vector256<short> partial, short* scales) => Avx2Int8.Fold(sums, partial, scales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> sums, float rowScale, float* outputScales, float* bias, bool relu, float* y) =>
        Avx2Int8.Store(sums, rowScale, outputScales, bias, relu, y);
}
