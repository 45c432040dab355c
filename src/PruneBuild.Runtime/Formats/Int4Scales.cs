namespace PruneBuild.Runtime;

/// <summary>
/// The two-level scales of the int4 formats: an integer per run of weights times one float per output, so that sums stay
/// integers until the end (per-vector scaled quantization, Dai et al., MLSys 2021).
/// </summary>
internal static class Int4Scales
{
    private const int LargestInteger = 8191;

    /// <summary>The largest sum of magnitudes that 63 quantized activation steps keep within 32 bits.</summary>
    private const long LargestSum = int.MaxValue / 63;

    /// <summary>The scale that just covers a run: -8..7 levels, whichever end needs more.</summary>
    /// <exception cref="ArgumentException">A weight is NaN or infinite.</exception>
    public static float OfRun(ReadOnlySpan<float> weights)
    {
        WeightMatrix.FiniteMagnitude(weights);
        var scale = 0f;
        foreach (var weight in weights)
            scale = Math.Max(scale, weight < 0 ? -weight / 8 : weight / 7);
        return scale;
    }

    /// <summary>Splits the ideal scales of one output into a float and integers.</summary>
    /// <param name="ideal">[runs] scales.</param>
    /// <param name="weights">Stored weights of the output at most, over all runs.</param>
    /// <returns>The float scale, and [runs] integers of 0 to 8191; fewer steps where many runs could overflow 32 bits.</returns>
    public static (float Scale, short[] Integers) TwoLevel(ReadOnlySpan<float> ideal, long weights)
    {
        var integers = new short[ideal.Length];
        var largest = 0f;
        foreach (var value in ideal)
            largest = Math.Max(largest, value);
        if (largest == 0)
            return (1, integers);
        var steps = Math.Clamp(LargestSum / (8 * weights), 1, LargestInteger);
        var scale = largest / steps;
        if (scale == 0)
            return (1, integers);
        for (var run = 0; run < integers.Length; run++)
            integers[run] = ideal[run] == 0 ? (short)0 : (short)Math.Clamp(MathF.Ceiling(ideal[run] / scale), 1, steps);
        return (scale, integers);
    }

    /// <summary>The nearest of -8..7.</summary>
    public static int Quantize(float weight, float scale) => scale == 0 ? 0 : (int)Math.Clamp(MathF.Round(weight / scale), -8, 7);
}
