namespace PruneBuild.Evaluation.Statistics;

/// <summary>How many cases a decision needs.</summary>
public static class SampleSize
{
    /// <summary>The share of good candidates that the planned sample lets through.</summary>
    public const double Power = 0.8;

    private const long Most = 1_000_000_000;

    /// <summary>
    /// The normal approximation n = (z_confidence + z_power)²·variance / distance². For paired proportions the variance is close to
    /// the discordance (b+c)/n, and the distance is that between the true difference and the margin.
    /// </summary>
    /// <param name="variance">Variance of one case's score (difference).</param>
    /// <param name="distance">Distance of the true value from the limit, above 0.</param>
    /// <param name="confidence">One-sided confidence of the bound.</param>
    /// <param name="power">The share of samples that shall decide.</param>
    /// <returns>Cases, rounded up; at most a thousand million.</returns>
    public static long ForMean(double variance, double distance, double confidence, double power = Power)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(distance);
        var z = StandardNormal.Quantile(confidence) + StandardNormal.Quantile(power);
        return (long)Math.Ceiling(Math.Min(z * z * variance / (distance * distance), Most));
    }

    /// <summary>The distance that so many cases resolve: <see cref="ForMean"/> solved for it.</summary>
    /// <param name="variance">Variance of one case's score (difference).</param>
    /// <param name="cases">Cases, above 0.</param>
    /// <param name="confidence">One-sided confidence of the bound.</param>
    /// <param name="power">The share of samples that shall decide.</param>
    public static double Resolvable(double variance, long cases, double confidence, double power = Power) =>
        (StandardNormal.Quantile(confidence) + StandardNormal.Quantile(power)) * Math.Sqrt(variance / cases);

    /// <summary>The smallest number of cases, from <paramref name="atLeast"/> up, at which a rule that stays true once true is true.</summary>
    /// <returns>Null when the rule is false even for a thousand million cases.</returns>
    public static long? Smallest(long atLeast, Func<long, bool> clears)
    {
        ArgumentNullException.ThrowIfNull(clears);
        if (atLeast > Most) return null;
        long low = atLeast - 1, high = atLeast;
        while (!clears(high))
        {
            if (high == Most) return null;
            (low, high) = (high, Math.Min(high * 2, Most));
        }
        while (high - low > 1)
        {
            var middle = low + (high - low) / 2;
            if (clears(middle)) high = middle;
            else low = middle;
        }
        return high;
    }
}
