namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// Percentiles that are numbers of the sample: the smallest one that at least the given share does not exceed (nearest rank; type 1
/// of R. J. Hyndman, Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996) 361-365).
/// </summary>
internal static class NearestRank
{
    /// <summary>The percentile. The values are sorted in place.</summary>
    /// <param name="values">At least one, all finite.</param>
    /// <param name="permille">1 to 1000, in thousandths so that the rank is a whole number without rounding.</param>
    public static double Of(double[] values, int permille)
    {
        Array.Sort(values);
        return values[((((long)permille * values.Length) + 999) / 1000) - 1];
    }
}
