using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>Eight float sums in one 256-bit register: x64 with AVX2.</summary>
internal unsafe struct Vector256Float32Sums : IFloat32Sums<Vector256Float32Sums>
{
    private Vector256<float> lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Float32Sums Add(Vector256Float32Sums left, Vector256Float32Sums right) => new() { lanes = left.lanes + right.lanes };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Float32Sums MultiplyAdd(Vector256Float32Sums sums, float* x, float* block) =>
        new() { lanes = Vector256.MultiplyAddEstimate(Vector256.Create(*x), Vector256.Load(block), sums.lanes) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256Float32Sums sums, float* bias, bool relu, float* y) => Epilogue.Store(sums.lanes, bias, relu, y);
}
