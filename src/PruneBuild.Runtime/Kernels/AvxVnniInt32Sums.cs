using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PruneBuild.Runtime;

/// <summary>x64 with AVX-VNNI (Alder Lake, Sapphire Rapids, Zen 5 and later): vpdpbusd.</summary>
internal unsafe struct AvxVnniInt32Sums : IInt32Sums<AvxVnniInt32Sums>
{
    private Vector256<int> lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static AvxVnniInt32Sums Load(int* source) => new() { lanes = Vector256.Load(source) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static AvxVnniInt32Sums Add(AvxVnniInt32Sums left, AvxVnniInt32Sums right) => new() { lanes = left.lanes + right.lanes };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static AvxVnniInt32Sums Dot(AvxVnniInt32Sums sums, uint* quad, sbyte* block)
    {
        return new() { lanes = AvxVnni.MultiplyWideningAndAdd(sums.lanes, Avx2.BroadcastScalarToVector256(quad).AsByte(), Vector256.Load(block)) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(AvxVnniInt32Sums sums, float rowScale, float* outputScales, float* bias, bool relu, float* y) =>
        Epilogue.Store(Vector256.Create(rowScale) * (Vector256.ConvertToSingle(sums.lanes) * Vector256.Load(outputScales)), bias, relu, y);
}
