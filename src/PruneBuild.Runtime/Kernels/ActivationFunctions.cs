using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>
/// Activations in place, four values at a time, from additions, multiplications and fused multiply-adds in a fixed order: the same
/// bits on every CPU, in a vector or alone.
/// Exponentials and the series of tanh follow Cephes (Moshier 1989); the error function is within 1e-6.
/// </summary>
internal static unsafe class ActivationFunctions
{
    /// <summary>y += x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* y, float* x, int count)
    {
        var i = 0;
        for (; i + 4 <= count; i += 4)
            (Vector128.Load(y + i) + Vector128.Load(x + i)).Store(y + i);
        for (; i < count; i++)
            y[i] += x[i];
    }

    /// <summary>y = activation(y).</summary>
    public static void Apply(SparseActivation activation, float* y, int count)
    {
        switch (activation)
        {
            case SparseActivation.Relu:
                Map<Relu>(y, count);
                break;
            case SparseActivation.Relu6:
                Map<Relu6>(y, count);
                break;
            case SparseActivation.Sigmoid:
                Map<Sigmoid>(y, count);
                break;
            case SparseActivation.Silu:
                Map<Silu>(y, count);
                break;
            case SparseActivation.Tanh:
                Map<Tanh>(y, count);
                break;
            case SparseActivation.Gelu:
                Map<Gelu>(y, count);
                break;
            case SparseActivation.GeluTanh:
                Map<GeluTanh>(y, count);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Map<T>(float* y, int count) where T : struct, IFunction
    {
        var i = 0;
        for (; i + 4 <= count; i += 4)
            T.Of(Vector128.Load(y + i)).Store(y + i);
        for (; i < count; i++)
            y[i] = T.Of(Vector128.Create(y[i]))[0];
    }

    private interface IFunction
    {
        static abstract Vector128<float> Of(Vector128<float> x);
    }

    private struct Relu : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Of(Vector128<float> x) =>
            Vector128.ConditionalSelect(Vector128.LessThan(x, Vector128<float>.Zero), Vector128<float>.Zero, x);
    }

    private struct Relu6 : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Of(Vector128<float> x)
        {
            var six = Vector128.Create(6f);
            return Vector128.ConditionalSelect(Vector128.GreaterThan(x, six), six, Relu.Of(x));
        }
    }

    private struct Sigmoid : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Of(Vector128<float> x) => Vector128<float>.One / (Vector128<float>.One + Exp(-x));
    }

    private struct Silu : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Of(Vector128<float> x) => x / (Vector128<float>.One + Exp(-x));
    }

    internal struct Tanh : IFunction
    {
        /// <summary>An odd series near zero, where the quotient of exponentials cancels.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Of(Vector128<float> x)
        {
            var square = x * x;
            var series = Vector128.Create(-5.70498872745e-3f);
            series = Vector128.FusedMultiplyAdd(series, square, Vector128.Create(2.06390887954e-2f));
            series = Vector128.FusedMultiplyAdd(series, square, Vector128.Create(-5.37397155531e-2f));
            series = Vector128.FusedMultiplyAdd(series, square, Vector128.Create(1.33314422036e-1f));
            series = Vector128.FusedMultiplyAdd(series, square, Vector128.Create(-3.33332819422e-1f));
            var near = Vector128.FusedMultiplyAdd(series * square, x, x);
            var magnitude = Vector128.Abs(x);
            var far = Vector128<float>.One - Vector128.Create(2f) / (Vector128<float>.One + Exp(magnitude + magnitude));
            far |= x & Vector128.Create(-0f);
            return Vector128.ConditionalSelect(Vector128.LessThan(magnitude, Vector128.Create(0.625f)), near, far);
        }
    }

    private struct Gelu : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Of(Vector128<float> x)
        {
            var half = x * Vector128.Create(0.5f);
            return Vector128.FusedMultiplyAdd(half, Erf(x * Vector128.Create(0.70710678f)), half);
        }
    }

    private struct GeluTanh : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Of(Vector128<float> x)
        {
            var half = x * Vector128.Create(0.5f);
            var inner = x * Vector128.FusedMultiplyAdd(x * x, Vector128.Create(0.035677408f), Vector128.Create(0.79788456f));
            return Vector128.FusedMultiplyAdd(half, Tanh.Of(inner), half);
        }
    }

    /// <summary>Abramowitz and Stegun 7.1.26: 1 − (a₁t + … + a₅t⁵)·e^(−x²), t = 1 / (1 + 0.3275911·|x|); 1.5e-7 in exact arithmetic.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Erf(Vector128<float> x)
    {
        var magnitude = Vector128.Abs(x);
        var t = Vector128<float>.One / Vector128.FusedMultiplyAdd(magnitude, Vector128.Create(0.3275911f), Vector128<float>.One);
        var series = Vector128.Create(1.061405429f);
        series = Vector128.FusedMultiplyAdd(series, t, Vector128.Create(-1.453152027f));
        series = Vector128.FusedMultiplyAdd(series, t, Vector128.Create(1.421413741f));
        series = Vector128.FusedMultiplyAdd(series, t, Vector128.Create(-0.284496736f));
        series = Vector128.FusedMultiplyAdd(series, t, Vector128.Create(0.254829592f));
        var value = Vector128<float>.One - series * t * Exp(-(magnitude * magnitude));
        return value | (x & Vector128.Create(-0f));
    }

    /// <summary>e^x by 2^n times a polynomial; ends at about e^±88, NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Exp(Vector128<float> x)
    {
        var clamped = Vector128.ConditionalSelect(Vector128.GreaterThan(x, Vector128.Create(88.0f)), Vector128.Create(88.0f), x);
        clamped = Vector128.ConditionalSelect(Vector128.LessThan(clamped, Vector128.Create(-87.0f)), Vector128.Create(-87.0f), clamped);
        var power = Vector128.Round(clamped * Vector128.Create(1.44269504f));
        var rest = Vector128.FusedMultiplyAdd(power, Vector128.Create(-0.693359375f), clamped);
        rest = Vector128.FusedMultiplyAdd(power, Vector128.Create(2.12194440e-4f), rest);
        var series = Vector128.Create(1.9875691500e-4f);
        series = Vector128.FusedMultiplyAdd(series, rest, Vector128.Create(1.3981999507e-3f));
        series = Vector128.FusedMultiplyAdd(series, rest, Vector128.Create(8.3334519073e-3f));
        series = Vector128.FusedMultiplyAdd(series, rest, Vector128.Create(4.1665795894e-2f));
        series = Vector128.FusedMultiplyAdd(series, rest, Vector128.Create(1.6666665459e-1f));
        series = Vector128.FusedMultiplyAdd(series, rest, Vector128.Create(5.0000001201e-1f));
        var value = Vector128.FusedMultiplyAdd(series, rest * rest, rest + Vector128<float>.One);
        var exponent = Vector128.ShiftLeft(Vector128.ConvertToInt32(power) + Vector128.Create(127), 23);
        return value * exponent.AsSingle();
    }
}
