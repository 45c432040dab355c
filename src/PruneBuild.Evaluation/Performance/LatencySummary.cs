using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Performance;

/// <summary>The times of one session.</summary>
/// <param name="Iterations">Number of timed inferences.</param>
/// <param name="MedianSeconds">The median.</param>
/// <param name="P90Seconds">The 90th percentile by nearest rank.</param>
/// <param name="P99Seconds">The 99th percentile by nearest rank.</param>
/// <param name="Spread">
/// Interquartile range / 1.349 / median: the coefficient of variation of normal times, which single interruptions do not move.
/// </param>
public sealed record LatencySummary(int Iterations, double MedianSeconds, double P90Seconds, double P99Seconds, double Spread)
{
    private const double QuartilesOfNormal = 1.349;

    internal static LatencySummary Of(IReadOnlyList<double> seconds)
    {
        double[] sorted = [.. seconds];
        var median = Median.Of(sorted);
        var range = NearestRank.Of(sorted, 750) - NearestRank.Of(sorted, 250);
        return new LatencySummary(sorted.Length, median, NearestRank.Of(sorted, 900), NearestRank.Of(sorted, 990), median > 0 ? range / QuartilesOfNormal / median : 0);
    }
}
