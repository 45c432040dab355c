using MathNet.Numerics.Distributions;

namespace PruneBuild.Evaluation.Statistics;

/// <summary>
/// Resamples cases and evaluates any statistic of them: a mean difference, a difference of F1, a ratio. Parent and candidate are
/// looked at on the same resampled cases, and cases of one cluster are drawn together. The seed is fixed, so the same answers give
/// the same bound. The quantile is that of t instead of the normal distribution and expanded by √(G / (G - 1)), which removes most of the
/// bootstrap's optimism in small samples: T. C. Hesterberg, "What teachers should know about the bootstrap", The American Statistician 69
/// (2015) 371-386.
/// </summary>
public sealed class PairedBootstrap
{
    /// <summary>Resamples drawn unless told otherwise.</summary>
    public const int DefaultResamples = 2000;

    private const int Seed = 1;
    private const double Rounding = 1e-12;

    // The acceleration is of order 1/√G: with more clusters it is below what the resamples can show, and a jackknife costs G statistics.
    private const int MostAcceleratedClusters = 1000;

    private readonly double[] _sorted;
    private readonly double _acceleration;
    private readonly int _clusters;

    private PairedBootstrap(double estimate, double[] sorted, double acceleration, int clusters) =>
        (Estimate, _sorted, _acceleration, _clusters) = (estimate, sorted, acceleration, clusters);

    /// <summary>The statistic of the sample itself.</summary>
    public double Estimate { get; }

    /// <summary>Whether no resample differed from the sample: its spread cannot be told from so little variation.</summary>
    public bool IsConstant => Math.Max(Estimate - _sorted[0], _sorted[^1] - Estimate) <= Rounding;

    /// <summary>Draws the resamples.</summary>
    /// <param name="clusters">Indices of the cases of each cluster; two clusters or more.</param>
    /// <param name="statistic">The statistic of some cases; an index may come several times. NaN counts as the lowest value.</param>
    /// <param name="resamples">Number of resamples.</param>
    public static PairedBootstrap Of(IReadOnlyList<int[]> clusters, Func<ReadOnlySpan<int>, double> statistic, int resamples = DefaultResamples)
    {
        ArgumentNullException.ThrowIfNull(clusters);
        ArgumentNullException.ThrowIfNull(statistic);
        ArgumentOutOfRangeException.ThrowIfLessThan(clusters.Count, 2);
        int[] all = [.. clusters.SelectMany(cluster => cluster)];
        var drawn = new int[clusters.Max(cluster => cluster.Length) * clusters.Count];
        var random = new Random(Seed);
        var replicates = new double[resamples];
        for (var i = 0; i < resamples; i++)
        {
            var count = 0;
            for (var one = 0; one < clusters.Count; one++)
            {
                var cluster = clusters[random.Next(clusters.Count)];
                if (cluster.Length == 1) drawn[count] = cluster[0];
                else cluster.CopyTo(drawn, count);
                count += cluster.Length;
            }
            replicates[i] = Ordered(statistic(drawn.AsSpan(0, count)));
        }
        Array.Sort(replicates);
        var acceleration = clusters.Count > MostAcceleratedClusters ? 0 : BcaInterval.Acceleration(LeftOut(clusters, all, statistic));
        return new PairedBootstrap(statistic(all), replicates, double.IsFinite(acceleration) ? acceleration : 0, clusters.Count);
    }

    /// <summary>Everything that <see cref="Of(IReadOnlyList{int[]}, Func{ReadOnlySpan{int}, double}, int)"/> drew, as numbers.</summary>
    public double[] ToNumbers() => [Estimate, _acceleration, _clusters, .. _sorted];

    /// <summary>From <see cref="ToNumbers"/>; null when the numbers are none of it.</summary>
    public static PairedBootstrap? FromNumbers(double[] numbers) =>
        numbers is { Length: > 3 } && numbers[2] >= 2 ? new PairedBootstrap(numbers[0], numbers[3..], numbers[1], (int)numbers[2]) : null;

    /// <summary>The one-sided lower bound; negative infinity when too many resamples had no value.</summary>
    /// <param name="confidence">0.5 to below 1.</param>
    public double LowerBound(double confidence) => BcaInterval.LowerBound(Estimate, _sorted, _acceleration, Expanded(confidence, _clusters));

    /// <summary>The confidence whose normal quantile is that of t with G - 1 degrees of freedom, times √(G / (G - 1)).</summary>
    internal static double Expanded(double confidence, int clusters)
    {
        double freedom = clusters - 1;
        return Normal.CDF(0, 1, Math.Sqrt(clusters / freedom) * ClusterRobustTInterval.Quantile(freedom, confidence));
    }

    private static double[] LeftOut(IReadOnlyList<int[]> clusters, int[] all, Func<ReadOnlySpan<int>, double> statistic)
    {
        var values = new double[clusters.Count];
        var rest = new int[all.Length];
        var start = 0;
        for (var i = 0; i < clusters.Count; i++)
        {
            var length = clusters[i].Length;
            all.AsSpan(0, start).CopyTo(rest);
            all.AsSpan(start + length).CopyTo(rest.AsSpan(start));
            values[i] = statistic(rest.AsSpan(0, all.Length - length));
            start += length;
        }
        return values;
    }

    private static double Ordered(double value) => double.IsNaN(value) ? double.NegativeInfinity : value;
}
