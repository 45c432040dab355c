namespace PruneBuild.Compression.Quantization;

/// <summary>
/// How one tensor of activations becomes bytes: q = round(x / scale) + zero point, saturating at 0 and 255 (ONNX QuantizeLinear). Zero is exact.
/// </summary>
/// <param name="Scale">Distance of two levels, more than 0.</param>
/// <param name="ZeroPoint">The level of zero.</param>
public sealed record ActivationParameters(float Scale, byte ZeroPoint)
{
    private const float LeastScale = 1e-30f;

    /// <summary>The level of zero where both signs have as many levels.</summary>
    public const byte Middle = 128;

    /// <summary>The parameters of a range, which is widened to hold zero.</summary>
    /// <param name="low">Least value.</param>
    /// <param name="high">Largest value.</param>
    /// <param name="isSymmetric">
    /// Whether the zero point is the middle, or 0 where nothing is negative: a signed byte with zero point 0 as an unsigned one, with the same results.
    /// </param>
    public static ActivationParameters Of(float low, float high, bool isSymmetric)
    {
        (low, high) = (Math.Min(low, 0), Math.Max(high, 0));
        if (low == 0 && high == 0)
            return new ActivationParameters(1, 0);
        if (isSymmetric && low < 0)
            return new ActivationParameters(Math.Max(LeastScale, Math.Max(-low, high) / sbyte.MaxValue), Middle);
        var scale = Math.Max(LeastScale, (float)(((double)high - low) / byte.MaxValue));
        return new ActivationParameters(scale, (byte)Math.Clamp(MathF.Round(-low / scale, MidpointRounding.ToEven), 0, byte.MaxValue));
    }
}
