using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PruneBuild.Runtime;

/// <summary>x64 with AVX2: vpmaddubsw, vpmaddwd, vpaddd. Never saturates, since activations stop at 127.</summary>
internal unsafe struct Avx2Int32Sums : IInt32Sums<Avx2Int32Sums>
{
    private Vector256<int> lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Int32Sums Load(int* source) => new() { lanes = Vector256.Load(source) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Int32Sums Add(Avx2Int32Sums left, Avx2Int32Sums right) => new() { lanes = left.lanes + right.lanes };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Int32Sums Dot(Avx2Int32Sums sums, uint* quad, sbyte* block)
    {
        var pairs = Avx2.MultiplyAddAdjacent(Avx2.BroadcastScalarToVector256(quad).AsByte(), Vector256.Load(block));
        return new() { lanes = sums.lanes + Avx2.MultiplyAddAdjacent(pairs, Vector256.Create((short)1)) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Avx2Int32Sums sums, float rowScale, float* outputScales, float* bias, bool relu, float* y) =>
        Epilogue.Store(Vector256.Create(rowScale) * (Vector256.ConvertToSingle(sums.lanes) * Vector256.Load(outputScales)), bias, relu, y);
}
