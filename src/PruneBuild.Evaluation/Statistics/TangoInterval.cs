namespace PruneBuild.Evaluation.Statistics;

/// <summary>
/// The score interval of the difference of two paired proportions. T. Tango, "Equivalence test and confidence interval for the
/// difference in proportions for the paired-sample design", Statistics in Medicine 17 (1998) 891-908.
/// </summary>
public static class TangoInterval
{
    private const int Bisections = 100;

    /// <summary>
    /// The one-sided lower bound of (candidate - parent). It equals -z²/(n+z²) when no case is discordant: agreement on a few
    /// cases proves little.
    /// </summary>
    /// <param name="parentOnly">Cases that only the parent has right (b); a fraction is allowed when planning a larger sample.</param>
    /// <param name="candidateOnly">Cases that only the candidate has right (c).</param>
    /// <param name="cases">All cases (n), above 0.</param>
    /// <param name="confidence">0.5 to below 1.</param>
    /// <returns>A difference from -1 to 1.</returns>
    public static double LowerBound(double parentOnly, double candidateOnly, double cases, double confidence)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cases);
        var z = StandardNormal.Quantile(confidence);
        var low = -1.0;
        var high = (candidateOnly - parentOnly) / cases;
        for (var i = 0; i < Bisections; i++)
        {
            var middle = (low + high) / 2;
            if (Score(parentOnly, candidateOnly, cases, middle) > z) low = middle;
            else high = middle;
        }
        return low;
    }

    /// <summary>Tango's score statistic of the hypothesis "candidate - parent = <paramref name="difference"/>".</summary>
    public static double Score(double parentOnly, double candidateOnly, double cases, double difference)
    {
        // The likeliest share of parent-only cases under the hypothesis is the larger root of a quadratic.
        var a = 2 * cases;
        var b = (2 * cases - candidateOnly + parentOnly) * difference - candidateOnly - parentOnly;
        var c = -parentOnly * difference * (1 - difference);
        var parentOnlyShare = (Math.Sqrt(Math.Max(0, b * b - 4 * a * c)) - b) / (2 * a);
        var variance = cases * (2 * parentOnlyShare + difference * (1 - difference));
        var distance = candidateOnly - parentOnly - cases * difference;
        if (variance > 0) return distance / Math.Sqrt(variance);
        return distance == 0 ? 0 : double.CopySign(double.PositiveInfinity, distance);
    }
}
