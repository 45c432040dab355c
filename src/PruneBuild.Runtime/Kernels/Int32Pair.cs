using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>Eight int32 sums in two 128-bit registers; what the portable and the arm64 tiers share.</summary>
internal unsafe struct Int32Pair(Vector128<int> low, Vector128<int> high)
{
    public Vector128<int> Low = low;
    public Vector128<int> High = high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int32Pair Load(int* source) => new(Vector128.Load(source), Vector128.Load(source + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int32Pair Add(Int32Pair left, Int32Pair right) => new(left.Low + right.Low, left.High + right.High);

    /// <summary>sums + partial × scale, lane by lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int32Pair Fold(Int32Pair sums, Int32Pair partial, short* scales)
    {
        var narrow = Vector128.Load(scales);
        return new(sums.Low + partial.Low * Vector128.WidenLower(narrow), sums.High + partial.High * Vector128.WidenUpper(narrow));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Int32Pair sums, float rowScale, float* outputScales, float* bias, bool relu, float* y)
    {
        var scale = Vector128.Create(rowScale);
        Epilogue.Store(scale * (Vector128.ConvertToSingle(sums.Low) * Vector128.Load(outputScales)), bias, relu, y);
        Epilogue.Store(scale * (Vector128.ConvertToSingle(sums.High) * Vector128.Load(outputScales + 4)), bias == null ? null : bias + 4, relu, y + 4);
    }
}
