using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace PruneBuild.Runtime;

/// <summary>arm64 with the dot product extension (Cortex-A76 and later, Neoverse, Apple): SDOT.</summary>
internal unsafe struct AdvSimdDpInt32Sums : IInt32Sums<AdvSimdDpInt32Sums>
{
    private Int32SumsPair pair;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static AdvSimdDpInt32Sums Load(int* source) => new() { pair = Int32SumsPair.Load(source) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static AdvSimdDpInt32Sums Add(AdvSimdDpInt32Sums left, AdvSimdDpInt32Sums right) => new() { pair = Int32SumsPair.Add(left.pair, right.pair) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static AdvSimdDpInt32Sums Dot(AdvSimdDpInt32Sums sums, uint* quad, sbyte* block)
    {
        var x = AdvSimd.LoadAndReplicateToVector128(quad).AsSByte();
        return new()
        {
            pair = new(Dp.DotProduct(sums.pair.Low, x, Vector128.Load(block)), Dp.DotProduct(sums.pair.High, x, Vector128.Load(block + 16))),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(AdvSimdDpInt32Sums sums, float rowScale, float* outputScales, float* bias, bool relu, float* y) =>
        Int32SumsPair.Store(sums.pair, rowScale, outputScales, bias, relu, y);
}
