using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>Eight int32 sums in two 128-bit registers; what the portable and the arm64 tiers share.</summary>
internal unsafe struct Int32SumsPair(Vector128<int> low, Vector128<int> high)
{
    public Vector128<int> Low = low;
    public Vector128<int> High = high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int32SumsPair Load(int* source) => new(Vector128.Load(source), Vector128.Load(source + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int32SumsPair Add(Int32SumsPair left, Int32SumsPair right) => new(left.Low + right.Low, left.High + right.High);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Int32SumsPair sums, float rowScale, float* outputScales, float* bias, bool relu, float* y)
    {
        var scale = Vector128.Create(rowScale);
        Epilogue.Store(scale * (Vector128.ConvertToSingle(sums.Low) * Vector128.Load(outputScales)), bias, relu, y);
        Epilogue.Store(scale * (Vector128.ConvertToSingle(sums.High) * Vector128.Load(outputScales + 4)), bias == null ? null : bias + 4, relu, y + 4);
    }
}
