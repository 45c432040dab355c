using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>
/// Quantizes one row of activations to 7 unsigned bits: q = round-half-even(x / s) + 64 with s = max|x| / 63, so q is in 1..127.
/// Seven bits because vpmaddubsw adds two products in 16 saturating bits: 127 · 128 · 2 just fits.
/// The same IEEE operations in the same order on every CPU, hence the same bits.
/// </summary>
internal static unsafe class ActivationQuantizer
{
    public const int ZeroPoint = 64;
    private const float Levels = 63;

    /// <summary>Below this largest magnitude (2⁻¹⁰⁰) a row counts as zero: its scale would lose bits to subnormals.</summary>
    private const float SmallestMagnitude = 7.888609e-31f;

    private const int InfinityBits = 0x7F80_0000;
    private const int MagnitudeMask = 0x7FFF_FFFF;

    /// <summary>The scalar definition.</summary>
    /// <returns>False, with zero points only, when the row holds a NaN or an infinity.</returns>
    public static bool QuantizeScalar(ReadOnlySpan<float> x, Span<byte> quantized, out float scale)
    {
        var magnitude = 0;
        foreach (var value in x)
            magnitude = Math.Max(magnitude, BitConverter.SingleToInt32Bits(value) & MagnitudeMask);
        var isFinite = Scale(magnitude, out scale, out var inverse);
        for (var i = 0; i < x.Length; i++)
            quantized[i] = isFinite ? (byte)((int)MathF.Round(x[i] * inverse) + ZeroPoint) : (byte)ZeroPoint;
        return isFinite;
    }

    /// <summary>Quantizes <paramref name="count"/> values and pads with the zero point up to <paramref name="paddedCount"/>.</summary>
    /// <returns>False, with zero points only, when the row holds a NaN or an infinity.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Quantize(float* x, int count, byte* quantized, int paddedCount, out float scale)
    {
        var isFinite = Scale(LargestMagnitude(x, count), out scale, out var inverse);
        var i = isFinite ? QuantizeVectors(x, count, quantized, inverse) : 0;
        for (; isFinite && i < count; i++)
            quantized[i] = (byte)((int)MathF.Round(x[i] * inverse) + ZeroPoint);
        for (; i < paddedCount; i++)
            quantized[i] = ZeroPoint;
        return isFinite;
    }

    /// <summary>Whether no value is a NaN or an infinity.</summary>
    public static bool IsFinite(ReadOnlySpan<float> x)
    {
        fixed (float* start = x)
            return LargestMagnitude(start, x.Length) < InfinityBits;
    }

    /// <summary>The scale that largest magnitude gives, and its reciprocal.</summary>
    /// <returns>False when the magnitude is that of a NaN or an infinity.</returns>
    public static bool Scale(int magnitudeBits, out float scale, out float inverse)
    {
        var magnitude = BitConverter.Int32BitsToSingle(magnitudeBits);
        scale = magnitude < SmallestMagnitude || magnitudeBits >= InfinityBits ? 1 : magnitude / Levels;
        inverse = 1 / scale;
        return magnitudeBits < InfinityBits;
    }

    /// <summary>The bits of max|x|; integers order like magnitudes, and NaN and infinity come out on top.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int LargestMagnitude(float* x, int count)
    {
        var mask = Vector128.Create(MagnitudeMask);
        Vector128<int> first = default, second = default;
        var i = 0;
        for (; i + 8 <= count; i += 8)
        {
            first = Vector128.Max(first, Vector128.Load((int*)x + i) & mask);
            second = Vector128.Max(second, Vector128.Load((int*)x + i + 4) & mask);
        }

        first = Vector128.Max(first, second);
        var largest = Math.Max(Math.Max(first[0], first[1]), Math.Max(first[2], first[3]));
        for (; i < count; i++)
            largest = Math.Max(largest, ((int*)x)[i] & MagnitudeMask);
        return largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int QuantizeVectors(float* x, int count, byte* quantized, float inverse)
    {
        var factor = Vector128.Create(inverse);
        var zeroPoint = Vector128.Create((sbyte)ZeroPoint);
        var i = 0;
        for (; i + 16 <= count; i += 16)
        {
            var a = Vector128.ConvertToInt32Native(Vector128.Round(Vector128.Load(x + i) * factor));
            var b = Vector128.ConvertToInt32Native(Vector128.Round(Vector128.Load(x + i + 4) * factor));
            var c = Vector128.ConvertToInt32Native(Vector128.Round(Vector128.Load(x + i + 8) * factor));
            var d = Vector128.ConvertToInt32Native(Vector128.Round(Vector128.Load(x + i + 12) * factor));
            var bytes = Vector128.NarrowWithSaturation(Vector128.NarrowWithSaturation(a, b), Vector128.NarrowWithSaturation(c, d));
            (bytes + zeroPoint).AsByte().Store(quantized + i);
        }

        return i;
    }
}
