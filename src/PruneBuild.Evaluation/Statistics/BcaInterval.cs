using MathNet.Numerics.Distributions;

namespace PruneBuild.Evaluation.Statistics;

/// <summary>
/// The bias-corrected and accelerated bootstrap interval. B. Efron, "Better bootstrap confidence intervals", JASA 82 (1987) 171-185;
/// B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 14.
/// </summary>
public static class BcaInterval
{
    /// <summary>How fast the standard error changes with the estimate, from its values with one unit left out each.</summary>
    /// <returns>0 when the values do not differ.</returns>
    public static double Acceleration(IReadOnlyList<double> leftOut)
    {
        ArgumentNullException.ThrowIfNull(leftOut);
        var mean = leftOut.Average();
        var squares = leftOut.Sum(value => (mean - value) * (mean - value));
        return squares > 0 ? leftOut.Sum(value => Math.Pow(mean - value, 3)) / (6 * Math.Pow(squares, 1.5)) : 0;
    }

    /// <summary>The z that the share of replicates below the estimate stands for; equal ones count half.</summary>
    /// <param name="estimate">The value of the sample itself.</param>
    /// <param name="replicates">The values of its resamples.</param>
    public static double BiasCorrection(double estimate, IReadOnlyList<double> replicates)
    {
        ArgumentNullException.ThrowIfNull(replicates);
        var below = replicates.Count(value => value < estimate) + 0.5 * replicates.Count(value => value == estimate);
        // A share of none or all would be infinitely far away; half a replicate is the least that can be told.
        return StandardNormal.Quantile(Math.Clamp(below, 0.5, replicates.Count - 0.5) / replicates.Count);
    }

    /// <summary>The one-sided lower bound.</summary>
    /// <param name="estimate">The value of the sample itself.</param>
    /// <param name="sorted">The values of its resamples in ascending order.</param>
    /// <param name="acceleration">See <see cref="Acceleration"/>.</param>
    /// <param name="confidence">Above 0, below 1; for an upper bound 1 minus its confidence.</param>
    public static double LowerBound(double estimate, IReadOnlyList<double> sorted, double acceleration, double confidence)
    {
        ArgumentNullException.ThrowIfNull(sorted);
        var bias = BiasCorrection(estimate, sorted);
        var shifted = bias + StandardNormal.Quantile(1 - confidence);
        var scale = 1 - acceleration * shifted;
        if (scale <= 0) return sorted[0];
        var share = Normal.CDF(0, 1, bias + shifted / scale);
        var rank = (int)Math.Floor((sorted.Count + 1) * share);
        return sorted[Math.Clamp(rank, 1, sorted.Count) - 1];
    }
}
