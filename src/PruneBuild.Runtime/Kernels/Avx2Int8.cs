using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PruneBuild.Runtime;

/// <summary>x64 with AVX2: vpmaddubsw, vpmaddwd, vpaddd. Never saturates, since activations stop at 127.</summary>
internal unsafe struct Avx2Int8 : IInt8Tier<Vector256<byte>, Vector256<short>, Vector256<int>>
{
    public static KernelTier Tier => KernelTier.Avx2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Load(void* bytes) => Vector256.Load((byte*)bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Quad(byte* x) => Avx2.BroadcastScalarToVector256((uint*)x).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Octet(byte* x) => Avx2.BroadcastScalarToVector256((ulong*)x).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Window(byte* x) => Avx2.BroadcastVector128ToVector256(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Pick(Vector256<byte> window, Vector256<byte> positions) => Avx2.Shuffle(window, positions);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> And(Vector256<byte> bytes, byte mask) => bytes & Vector256.Create(mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Or(Vector256<byte> bytes, ulong pattern) => bytes | Vector256.Create(pattern).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> ShiftRight(Vector256<byte> bytes, int bits) => Vector256.ShiftRightLogical(bytes.AsUInt16(), bits).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Int4(Vector256<byte> nibbles) => nibbles - Vector256.Create((byte)8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadSums(int* sums) => Vector256.Load(sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> left, Vector256<int> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Dot(Vector256<int> sums, Vector256<byte> x, Vector256<byte> weights) =>
        sums + Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(x, weights.AsSByte()), Vector256.Create((short)1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> DotPartial(Vector256<short> partial, Vector256<byte> x, Vector256<byte> weights) =>
        partial + Avx2.MultiplyAddAdjacent(x, weights.AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Fold(Vector256<int> sums, Vector256<short> partial, short* scales)
    {
        // Each scale meets both 16-bit halves of its lane.
        var pairs = Avx2.ConvertToVector256Int32(scales) & Vector256.Create(0xFFFF);
        var both = (pairs | Vector256.ShiftLeft(pairs, 16)).AsInt16();
        return sums + Avx2.MultiplyAddAdjacent(partial, both);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> sums, float rowScale, float* outputScales, float* bias, bool relu, float* y) =>
        Epilogue.Store(Vector256.Create(rowScale) * (Vector256.ConvertToSingle(sums) * Vector256.Load(outputScales)), bias, relu, y);
}
