namespace PruneBuild.Evaluation.Statistics;

/// <summary>
/// The Wilson score interval of a proportion. E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
/// JASA 22 (1927); recommended by R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872.
/// </summary>
public static class WilsonInterval
{
    /// <summary>
    /// The one-sided lower bound: the true proportion lies above it with probability <paramref name="confidence"/>. The lower end
    /// of the usual two-sided 95 % interval is the one-sided bound at 0.975.
    /// </summary>
    /// <param name="successes">Successes; a fraction is allowed when planning a larger sample.</param>
    /// <param name="cases">Cases, above 0.</param>
    /// <param name="confidence">0.5 to below 1.</param>
    public static double LowerBound(double successes, double cases, double confidence)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cases);
        var z = StandardNormal.Quantile(confidence);
        var p = successes / cases;
        var z2 = z * z;
        var center = p + z2 / (2 * cases);
        var halfWidth = z * Math.Sqrt(p * (1 - p) / cases + z2 / (4 * cases * cases));
        return Math.Max(0, (center - halfWidth) / (1 + z2 / cases));
    }

    /// <summary>The one-sided upper bound.</summary>
    /// <param name="successes">As <see cref="LowerBound"/>.</param>
    /// <param name="cases">Cases, above 0.</param>
    /// <param name="confidence">0.5 to below 1.</param>
    public static double UpperBound(double successes, double cases, double confidence) => 1 - LowerBound(cases - successes, cases, confidence);
}
