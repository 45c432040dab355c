namespace PruneBuild.Runtime;

/// <summary>
/// The two-level scales of the int4 formats: an integer per run of weights times one float per output, so that sums stay
/// integers until the end (per-vector scaled quantization, Dai et al., MLSys 2021).
/// </summary>
internal static class Int4Scales
{
    /// <summary>The largest integer of a run.</summary>
    public const int LargestInteger = 8191;

    /// <summary>The largest sum of magnitudes that 63 quantized activation steps keep within 32 bits.</summary>
    public const long LargestSum = int.MaxValue / 63;

    /// <summary>
    /// The scale that just covers a run: there is one level more on one side, so of the two signs the one of the smaller scale.
    /// </summary>
    /// <param name="low">The least weight, at most 0.</param>
    /// <param name="high">The greatest weight, at least 0.</param>
    /// <param name="lowest">The lowest level, below 0.</param>
    /// <param name="highest">The highest level, above 0.</param>
    public static float OfRun(float low, float high, int lowest, int highest)
    {
        var (plus, minus) = (Math.Max(low / lowest, high / highest), Math.Max(high / -lowest, -low / highest));
        return minus < plus ? -minus : plus;
    }

    /// <summary>Splits the ideal scales of one output into a float and integers.</summary>
    /// <param name="ideal">[runs] scales.</param>
    /// <param name="weights">Stored weights of the output at most, over all runs.</param>
    /// <returns>The float scale, and [runs] integers of magnitude 0 to 8191 with the signs of the ideal ones; fewer steps where many runs could overflow 32 bits.</returns>
    public static (float Scale, short[] Integers) TwoLevel(ReadOnlySpan<float> ideal, long weights)
    {
        var integers = new short[ideal.Length];
        var largest = 0f;
        foreach (var value in ideal)
            largest = Math.Max(largest, Math.Abs(value));
        if (largest == 0)
            return (1, integers);
        var steps = Math.Clamp(LargestSum / (8 * weights), 1, LargestInteger);
        var scale = largest / steps;
        if (scale == 0)
            return (1, integers);
        for (var run = 0; run < integers.Length; run++)
            integers[run] = ideal[run] == 0 ? (short)0 : (short)(Math.Sign(ideal[run]) * Math.Clamp(MathF.Ceiling(Math.Abs(ideal[run]) / scale), 1, steps));
        return (scale, integers);
    }
}
