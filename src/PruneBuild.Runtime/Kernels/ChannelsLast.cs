using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace PruneBuild.Runtime;

/// <summary>
/// Moves activations between [channels, positions] and [positions, channels], in tiles of 4 by 4. What is left at an edge is done
/// by a tile that overlaps its neighbour.
/// </summary>
internal static unsafe class ChannelsLast
{
    /// <summary>1.5 · 2²³ plus the zero point: a float of small magnitude added to it is rounded half to even in the last bits.</summary>
    private const float Rounding = 12582912 + ActivationQuantizer.ZeroPoint;

    /// <summary>What four numbers with the bits of 1.5 · 2²³ leave above their low bytes when they are added at byte offsets.</summary>
    private const uint RoundingBits = unchecked(0x4B40_0000u + (0x4B40_0000u << 8));

    /// <summary>target[column, row] = source[row, column].</summary>
    /// <param name="source">Rows of <paramref name="sourceStride"/> elements.</param>
    /// <param name="sourceStride">Elements from row to row.</param>
    /// <param name="rows">Rows of the source.</param>
    /// <param name="columns">Columns of the source.</param>
    /// <param name="target">Rows of <paramref name="targetStride"/> elements, one for each column of the source; written.</param>
    /// <param name="targetStride">Elements from row to row.</param>
    public static void Transpose(float* source, nint sourceStride, int rows, int columns, float* target, nint targetStride)
    {
        if (rows >= 4 && columns >= 4)
        {
            TransposeTiles(source, sourceStride, rows, columns, target, targetStride);
            return;
        }

        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                target[column * targetStride + row] = source[row * sourceStride + column];
        }
    }

    /// <summary>
    /// Quantizes as <see cref="ActivationQuantizer"/> does: target[position, channel] = round-half-even(source[channel, position] · inverse) + zero point.
    /// </summary>
    /// <param name="source">Channels of <paramref name="sourceStride"/> elements, all finite.</param>
    /// <param name="sourceStride">Elements from channel to channel.</param>
    /// <param name="channels">A multiple of 4.</param>
    /// <param name="positions">Positions of each channel.</param>
    /// <param name="inverse">The reciprocal of the scale.</param>
    /// <param name="target">[positions, channels], written.</param>
    public static void Quantize(float* source, nint sourceStride, int channels, int positions, float inverse, byte* target)
    {
        if (positions >= 4)
        {
            var wide = channels / 16 * 16;
            if (wide > 0)
                QuantizeWide(source, sourceStride, wide, channels, positions, inverse, target);
            if (wide < channels)
                QuantizeNarrow(source, sourceStride, wide, channels, positions, inverse, target);
            return;
        }

        for (var channel = 0; channel < channels; channel++)
        {
            for (var position = 0; position < positions; position++)
                target[(nint)position * channels + channel] = (byte)((int)MathF.Round(source[channel * sourceStride + position] * inverse) + ActivationQuantizer.ZeroPoint);
        }
    }

    /// <summary>
    /// Along the side whose lines lie farther apart, four at a time, so that few streams are open at once: planes of 32 by 32 floats
    /// all fall into one set of a cache.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeTiles(float* source, nint sourceStride, int rows, int columns, float* target, nint targetStride)
    {
        var alongRows = targetStride > sourceStride;
        var (outer, inner) = alongRows ? (columns, rows) : (rows, columns);
        for (var step = 0; step < outer; step += 4)
        {
            var first = Math.Min(step, outer - 4);
            for (var next = 0; next < inner; next += 4)
            {
                var second = Math.Min(next, inner - 4);
                var (row, column) = alongRows ? (second, first) : (first, second);
                var from = source + row * sourceStride + column;
                var to = target + column * targetStride + row;
                Transpose(
                    Vector128.Load(from), Vector128.Load(from + sourceStride), Vector128.Load(from + 2 * sourceStride), Vector128.Load(from + 3 * sourceStride),
                    to, targetStride);
            }
        }
    }

    /// <summary>
    /// Sixteen channels of sixteen positions at a time, so that a line of the source is read once, whatever the distance of the
    /// channels; channels is a multiple of 16.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void QuantizeWide(float* source, nint sourceStride, int channels, int stride, int positions, float inverse, byte* target)
    {
        const int side = 16;
        var factor = Vector128.Create(inverse);
        var quads = stackalloc Vector128<float>[side];
        for (var channel = 0; channel < channels; channel += side)
        {
            for (var first = 0; first < positions; first += side)
            {
                var count = Math.Min(side, positions - first);
                for (var quad = 0; quad < 4; quad++)
                {
                    var from = source + (channel + 4 * quad) * sourceStride;
                    for (var next = 0; next < count; next += 4)
                        quads[next + quad] = Quad(from + Math.Min(first + next, positions - 4), sourceStride, factor).AsSingle();
                }

                for (var next = 0; next < count; next += 4)
                {
                    nint position = Math.Min(first + next, positions - 4);
                    Transpose(quads[next], quads[next + 1], quads[next + 2], quads[next + 3], (float*)(target + position * stride + channel), stride / 4);
                }
            }
        }
    }

    /// <summary>Four channels of four positions at a time, from a first channel on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void QuantizeNarrow(float* source, nint sourceStride, int channel, int channels, int positions, float inverse, byte* target)
    {
        var factor = Vector128.Create(inverse);
        for (; channel < channels; channel += 4)
        {
            for (var next = 0; next < positions; next += 4)
            {
                var position = Math.Min(next, positions - 4);
                var quad = Quad(source + channel * sourceStride + position, sourceStride, factor);
                var to = target + (nint)position * channels + channel;
                Unsafe.WriteUnaligned(to, quad[0]);
                Unsafe.WriteUnaligned(to + channels, quad[1]);
                Unsafe.WriteUnaligned(to + 2 * (nint)channels, quad[2]);
                Unsafe.WriteUnaligned(to + 3 * (nint)channels, quad[3]);
            }
        }
    }

    /// <summary>Four positions, each with the bytes of four channels. The rounded value of each channel is in its low byte, so they are added up and what is above taken off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Quad(float* source, nint stride, Vector128<float> factor)
    {
        var rounding = Vector128.Create(Rounding);
        var a = (Vector128.Load(source) * factor + rounding).AsUInt32();
        var b = (Vector128.Load(source + stride) * factor + rounding).AsUInt32();
        var c = (Vector128.Load(source + 2 * stride) * factor + rounding).AsUInt32();
        var d = (Vector128.Load(source + 3 * stride) * factor + rounding).AsUInt32();
        return a + (b << 8) + (c << 16) + (d << 24) - Vector128.Create(RoundingBits);
    }

    /// <summary>Stores the columns of four rows as rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d, float* target, nint stride)
    {
        if (Sse.IsSupported)
        {
            var ab = Sse.UnpackLow(a, b);
            var cd = Sse.UnpackLow(c, d);
            Sse.MoveLowToHigh(ab, cd).Store(target);
            Sse.MoveHighToLow(cd, ab).Store(target + stride);
            ab = Sse.UnpackHigh(a, b);
            cd = Sse.UnpackHigh(c, d);
            Sse.MoveLowToHigh(ab, cd).Store(target + 2 * stride);
            Sse.MoveHighToLow(cd, ab).Store(target + 3 * stride);
        }
        else if (AdvSimd.Arm64.IsSupported)
        {
            var ab = AdvSimd.Arm64.ZipLow(a, b).AsDouble();
            var cd = AdvSimd.Arm64.ZipLow(c, d).AsDouble();
            AdvSimd.Arm64.ZipLow(ab, cd).AsSingle().Store(target);
            AdvSimd.Arm64.ZipHigh(ab, cd).AsSingle().Store(target + stride);
            ab = AdvSimd.Arm64.ZipHigh(a, b).AsDouble();
            cd = AdvSimd.Arm64.ZipHigh(c, d).AsDouble();
            AdvSimd.Arm64.ZipLow(ab, cd).AsSingle().Store(target + 2 * stride);
            AdvSimd.Arm64.ZipHigh(ab, cd).AsSingle().Store(target + 3 * stride);
        }
        else
        {
            Vector128.Create(a[0], b[0], c[0], d[0]).Store(target);
            Vector128.Create(a[1], b[1], c[1], d[1]).Store(target + stride);
            Vector128.Create(a[2], b[2], c[2], d[2]).Store(target + 2 * stride);
            Vector128.Create(a[3], b[3], c[3], d[3]).Store(target + 3 * stride);
        }
    }
}
