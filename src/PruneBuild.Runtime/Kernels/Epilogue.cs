using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>Bias, activation and store: the same operations for every tier, so that no tier contracts or reorders them.</summary>
internal static unsafe class Epilogue
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* bias, bool relu, float* y)
    {
        if (bias != null)
            value += Vector512.Load(bias);
        if (relu)
            value = Vector512.ConditionalSelect(Vector512.LessThan(value, Vector512<float>.Zero), Vector512<float>.Zero, value);
        value.Store(y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> value, float* bias, bool relu, float* y)
    {
        if (bias != null)
            value += Vector256.Load(bias);
        if (relu)
            value = Vector256.ConditionalSelect(Vector256.LessThan(value, Vector256<float>.Zero), Vector256<float>.Zero, value);
        value.Store(y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, float* bias, bool relu, float* y)
    {
        if (bias != null)
            value += Vector128.Load(bias);
        if (relu)
            value = Vector128.ConditionalSelect(Vector128.LessThan(value, Vector128<float>.Zero), Vector128<float>.Zero, value);
        value.Store(y);
    }

    /// <summary>The same for one element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Finish(float value, float* bias, bool relu)
    {
        if (bias != null)
            value += *bias;
        return relu && value < 0 ? 0 : value;
    }
}
