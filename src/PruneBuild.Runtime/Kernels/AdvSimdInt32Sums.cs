using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace PruneBuild.Runtime;

/// <summary>arm64 without the dot product extension (Cortex-A53, A72): widening multiplies and pairwise adds.</summary>
internal unsafe struct AdvSimdInt32Sums : IInt32Sums<AdvSimdInt32Sums>
{
    private Int32SumsPair pair;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static AdvSimdInt32Sums Load(int* source) => new() { pair = Int32SumsPair.Load(source) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static AdvSimdInt32Sums Add(AdvSimdInt32Sums left, AdvSimdInt32Sums right) => new() { pair = Int32SumsPair.Add(left.pair, right.pair) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static AdvSimdInt32Sums Dot(AdvSimdInt32Sums sums, uint* quad, sbyte* block)
    {
        var x = Vector128.Create(*quad).AsSByte();
        return new() { pair = new(Quads(sums.pair.Low, x, Vector128.Load(block)), Quads(sums.pair.High, x, Vector128.Load(block + 16))) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(AdvSimdInt32Sums sums, float rowScale, float* outputScales, float* bias, bool relu, float* y) =>
        Int32SumsPair.Store(sums.pair, rowScale, outputScales, bias, relu, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Quads(Vector128<int> sums, Vector128<sbyte> x, Vector128<sbyte> weights)
    {
        var low = AdvSimd.MultiplyWideningLower(x.GetLower(), weights.GetLower());
        var high = AdvSimd.MultiplyWideningUpper(x, weights);
        return AdvSimd.AddPairwiseWideningAndAdd(sums, AdvSimd.Arm64.AddPairwise(low, high));
    }
}
