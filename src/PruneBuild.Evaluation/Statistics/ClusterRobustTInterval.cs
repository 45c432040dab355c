using MathNet.Numerics.Distributions;

namespace PruneBuild.Evaluation.Statistics;

/// <summary>
/// The t interval of a mean, or of another weighted sum, whose cases hang together in clusters. What a cluster adds counts once,
/// however many cases it has: K.-Y. Liang, S. L. Zeger, "Longitudinal data analysis using generalized linear models", Biometrika 73
/// (1986) 13-22, with the factor G / (G - 1) and G - 1 degrees of freedom for G clusters; for evaluations E. Miller, "Adding error
/// bars to evals", arXiv 2411.00640 (2024). On the differences of pairs that are clusters of their own it is Student's paired t interval.
/// </summary>
public static class ClusterRobustTInterval
{
    /// <summary>Clusters below which a bootstrap is used instead.</summary>
    public const int FewestClusters = 20;

    /// <summary>What each cluster adds to (mean - expectation): the sum of its deviations from the mean, over all cases.</summary>
    /// <param name="clusters">For each cluster the values of its cases.</param>
    /// <param name="mean">Mean of all values.</param>
    /// <param name="cases">Number of all values.</param>
    public static double[] Contributions(IEnumerable<IEnumerable<double>> clusters, double mean, int cases) =>
        [.. clusters.Select(values => values.Sum(value => value - mean) / cases)];

    /// <summary>The standard error of a weighted sum.</summary>
    /// <param name="contributions">What each of two clusters or more adds; they sum to 0.</param>
    public static double StandardError(IReadOnlyList<double> contributions)
    {
        ArgumentNullException.ThrowIfNull(contributions);
        double clusters = contributions.Count;
        ArgumentOutOfRangeException.ThrowIfLessThan(clusters, 2);
        return Math.Sqrt(clusters / (clusters - 1) * contributions.Sum(contribution => contribution * contribution));
    }

    /// <summary>The one-sided lower bound; it equals the estimate when the standard error is 0.</summary>
    /// <param name="estimate">The mean or weighted sum.</param>
    /// <param name="contributions">As <see cref="StandardError"/>.</param>
    /// <param name="confidence">0.5 to below 1.</param>
    public static double LowerBound(double estimate, IReadOnlyList<double> contributions, double confidence) =>
        estimate - Quantile(contributions.Count - 1, confidence) * StandardError(contributions);

    /// <summary>The t that a variable of so many degrees of freedom stays below with the given probability.</summary>
    internal static double Quantile(double degreesOfFreedom, double probability) => StudentT.InvCDF(0, 1, degreesOfFreedom, probability);
}
