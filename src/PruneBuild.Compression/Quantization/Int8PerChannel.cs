using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Quantization;

/// <summary>Int8 values with one scale per output.</summary>
/// <param name="Values">In the layout of the weight they came from.</param>
/// <param name="Scales">[outputs]; w ≈ value x scale.</param>
/// <param name="SignalToNoise">Σw² / Σ(w − ŵ)² in decibels; null when nothing was lost.</param>
public sealed record Int8Weights(sbyte[] Values, float[] Scales, double? SignalToNoise);

/// <summary>
/// Symmetric int8 quantization with one scale per output (ONNX QuantizeLinear with zero point 0): scale = max|w| / limit,
/// round half to even. Zeros stay exactly zero. 8 bits use ±127; 7 bits use ±63, for x64 processors without VNNI, whose
/// u8 x s8 products saturate in pairs.
/// </summary>
public static class Int8PerChannel
{
    /// <summary>Quantizes a weight.</summary>
    /// <param name="weights">[outputs, inputs] row-major, or [inputs, outputs] when transposed.</param>
    /// <param name="outputs">Number of scales.</param>
    /// <param name="bits">8 or 7.</param>
    /// <param name="transposed">Whether outputs are the columns.</param>
    /// <param name="leastScales">What each scale is at least, [outputs], or empty; an output of zeros takes it.</param>
    /// <param name="perTensor">Whether all scales are the largest.</param>
    /// <exception cref="PruneBuildException">PB1012: other bits.</exception>
    public static Int8Weights Quantize(ReadOnlySpan<float> weights, int outputs, int bits = 8, bool transposed = false, ReadOnlySpan<float> leastScales = default, bool perTensor = false)
    {
        var limit = Limit(bits);
        var inputs = outputs == 0 ? 0 : weights.Length / outputs;
        var scales = new float[outputs];
        for (var index = 0; index < weights.Length; index++)
        {
            var output = transposed ? index % outputs : index / inputs;
            scales[output] = Math.Max(scales[output], Math.Abs(weights[index]));
        }
        for (var output = 0; output < outputs; output++)
        {
            var least = leastScales.IsEmpty ? 0 : leastScales[output];
            scales[output] = scales[output] > 0 ? Math.Max(Math.Max(scales[output] / limit, least), float.Epsilon) : least;
        }
        if (perTensor && outputs > 0)
            Array.Fill(scales, scales.Max());
        foreach (ref var scale in scales.AsSpan())
            scale = scale > 0 ? scale : 1;

        var values = new sbyte[weights.Length];
        double signal = 0, noise = 0;
        for (var index = 0; index < weights.Length; index++)
        {
            var scale = scales[transposed ? index % outputs : index / inputs];
            var value = Math.Clamp(MathF.Round(weights[index] / scale, MidpointRounding.ToEven), -limit, limit);
            values[index] = (sbyte)value;
            var error = weights[index] - ((double)value * scale);
            signal += (double)weights[index] * weights[index];
            noise += error * error;
        }
        return new Int8Weights(values, scales, noise == 0 ? null : 10 * Math.Log10(signal / noise));
    }

    /// <summary>The largest magnitude of a bit width.</summary>
    /// <exception cref="PruneBuildException">PB1012: neither 8 nor 7.</exception>
    public static int Limit(int bits) => bits switch
    {
        8 => 127,
        7 => 63,
        _ => throw new PruneBuildException("PB1012", bits, "bits", "use 8, or 7 for processors whose int8 products saturate"),
    };
}
