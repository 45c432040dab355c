using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Performance;

/// <summary>The times of one model.</summary>
/// <param name="Iterations">Number of timed inferences.</param>
/// <param name="MedianSeconds">The median.</param>
/// <param name="P90Seconds">The 90th percentile by nearest rank.</param>
/// <param name="P99Seconds">The 99th percentile by nearest rank.</param>
/// <param name="Spread">
/// By how much two inferences on the same input differ, as share of their mean: interquartile range / 1.349 / √2 of the differences, the
/// coefficient of variation of normal times. Single interruptions do not move it, and neither do inputs of different length.
/// </param>
public sealed record LatencySummary(int Iterations, double MedianSeconds, double P90Seconds, double P99Seconds, double Spread)
{
    private const double QuartilesOfNormal = 1.349;

    /// <param name="seconds">Two for each block, one after the other.</param>
    internal static LatencySummary Of(IReadOnlyList<double> seconds)
    {
        double[] sorted = [.. seconds];
        var median = Median.Of(sorted);
        double[] differences =
        [
            .. from block in Enumerable.Range(0, seconds.Count / InterleavedRuns.PerBlock)
               let first = seconds[block * InterleavedRuns.PerBlock]
               let second = seconds[(block * InterleavedRuns.PerBlock) + 1]
               let sum = first + second
               select sum > 0 ? 2 * (second - first) / sum : 0,
        ];
        var range = NearestRank.Of(differences, 750) - NearestRank.Of(differences, 250);
        return new LatencySummary(sorted.Length, median, NearestRank.Of(sorted, 900), NearestRank.Of(sorted, 990), range / QuartilesOfNormal / Math.Sqrt(2));
    }
}
