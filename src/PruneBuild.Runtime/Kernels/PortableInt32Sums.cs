using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>Dot products from shifts and 16-bit multiplies, on any CPU: even and odd bytes apart, since two products just fit in 16 bits.</summary>
internal unsafe struct PortableInt32Sums : IInt32Sums<PortableInt32Sums>
{
    private Int32SumsPair pair;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PortableInt32Sums Load(int* source) => new() { pair = Int32SumsPair.Load(source) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PortableInt32Sums Add(PortableInt32Sums left, PortableInt32Sums right) => new() { pair = Int32SumsPair.Add(left.pair, right.pair) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PortableInt32Sums Dot(PortableInt32Sums sums, uint* quad, sbyte* block)
    {
        var x = Vector128.Create(*quad).AsInt16();
        var even = x & Vector128.Create((short)0xFF);
        var odd = Vector128.ShiftRightLogical(x, 8);
        return new() { pair = new(sums.pair.Low + Quads(even, odd, block), sums.pair.High + Quads(even, odd, block + 16)) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(PortableInt32Sums sums, float rowScale, float* outputScales, float* bias, bool relu, float* y) =>
        Int32SumsPair.Store(sums.pair, rowScale, outputScales, bias, relu, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Quads(Vector128<short> even, Vector128<short> odd, sbyte* block)
    {
        var weights = Vector128.Load(block).AsInt16();
        var evenWeights = Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(weights, 8), 8);
        var oddWeights = Vector128.ShiftRightArithmetic(weights, 8);
        var pairs = (even * evenWeights + odd * oddWeights).AsInt32();
        return Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(pairs, 16), 16) + Vector128.ShiftRightArithmetic(pairs, 16);
    }
}
