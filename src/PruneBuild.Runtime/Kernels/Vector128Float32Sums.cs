using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>Eight float sums in two 128-bit registers: the portable tier, and on arm64 the best one (FMLA).</summary>
internal unsafe struct Vector128Float32Sums : IFloat32Sums<Vector128Float32Sums>
{
    private Vector128<float> low;
    private Vector128<float> high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Float32Sums Add(Vector128Float32Sums left, Vector128Float32Sums right) =>
        new() { low = left.low + right.low, high = left.high + right.high };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Float32Sums MultiplyAdd(Vector128Float32Sums sums, float* x, float* block)
    {
        var value = Vector128.Create(*x);
        return new()
        {
            low = Vector128.MultiplyAddEstimate(value, Vector128.Load(block), sums.low),
            high = Vector128.MultiplyAddEstimate(value, Vector128.Load(block + 4), sums.high),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128Float32Sums sums, float* bias, bool relu, float* y)
    {
        Epilogue.Store(sums.low, bias, relu, y);
        Epilogue.Store(sums.high, bias == null ? null : bias + 4, relu, y + 4);
    }
}
