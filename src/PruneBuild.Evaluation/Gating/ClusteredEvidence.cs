using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation;

/// <summary>
/// Floors on means of scores that are continuous or come in clusters: the cluster-robust t interval. Where most cases keep their score and
/// a few lose much, a sample often misses those few and its variance is too small. Therefore one cluster more is reckoned with on either
/// side, as extreme as the most extreme there is: what D. G. Bonett and R. M. Price (2012) do with one discordant pair of either kind.
/// </summary>
internal static class ClusteredEvidence
{
    private const int Bisections = 60;
    private const double Rounding = 1e-12;

    /// <param name="floor">The floor.</param>
    /// <param name="quantity">What it limits.</param>
    /// <param name="scores">The scores.</param>
    /// <param name="slice">The slice.</param>
    /// <param name="all">All cases; only the gap of a slice looks at them.</param>
    /// <param name="chance">What retention is measured from.</param>
    public static FloorEvidence Of(Floor floor, FloorQuantity quantity, MeanMeasurement scores, SampleFrame slice, SampleFrame all, double chance)
    {
        var estimate = quantity.On(floor.Kind == FloorKind.SliceGap ? all.Cases : slice.Cases);
        var contributions = floor.Kind switch
        {
            FloorKind.SliceGap => GapContributions(scores, slice, all),
            FloorKind.Retention => Contributions(slice, i => scores.CandidateScores[i] - chance - estimate * (scores.ParentScores[i] - chance)),
            FloorKind.Minimum or FloorKind.Maximum => Contributions(slice, i => scores.CandidateScores[i]),
            _ => Contributions(slice, Loss(scores)),
        };
        var bound = ClusterRobustTInterval.StandardError(contributions) <= Rounding
            ? ResampledEvidence.Unanimous(floor, quantity, estimate, slice.Clusters.Count)
            : floor.Kind == FloorKind.Retention ? RetentionBound(floor, scores, slice, estimate, chance)
            : Bound(floor, estimate, contributions);
        return new FloorEvidence(estimate, bound, "cluster-robust t", () => FloorEvidence.ByScaling(floor, estimate, bound, slice.Count));
    }

    /// <summary>The standard error of the dense parent's mean.</summary>
    public static double ParentError(MeanMeasurement scores, SampleFrame slice) =>
        ClusterRobustTInterval.StandardError(Contributions(slice, i => scores.ParentScores[i]));

    private static double Bound(Floor floor, double estimate, double[] contributions) => floor.IsUpperLimit
        ? -ClusterRobustTInterval.LowerBound(-estimate, Widened(contributions), floor.Confidence)
        : ClusterRobustTInterval.LowerBound(estimate, Widened(contributions), floor.Confidence);

    private static double[] Widened(double[] contributions)
    {
        var extreme = contributions.Max(Math.Abs);
        return [.. contributions, extreme, -extreme];
    }

    // The largest ratio r at which candidate - r·parent is surely not negative (Fieller), so a small parent value does no harm.
    private static double RetentionBound(Floor floor, MeanMeasurement scores, SampleFrame slice, double estimate, double chance)
    {
        var (low, high) = (0.0, Math.Max(0, estimate));
        for (var i = 0; i < Bisections; i++)
        {
            var ratio = (low + high) / 2;
            double Difference(int index) => scores.CandidateScores[index] - chance - ratio * (scores.ParentScores[index] - chance);
            var mean = slice.Cases.Average(Difference);
            if (ClusterRobustTInterval.LowerBound(mean, Widened(Contributions(slice, Difference)), floor.Confidence) > 0) low = ratio;
            else high = ratio;
        }
        return low;
    }

    private static double[] Contributions(SampleFrame frame, Func<int, double> value) => ClusterRobustTInterval.Contributions(
        frame.Clusters.Select(cluster => cluster.Select(value)), frame.Cases.Average(value), frame.Cases.Length);

    // The gap is a sum over all cases, in which those of the slice weigh 1/n - 1/N and the others -1/N.
    private static double[] GapContributions(MeanMeasurement scores, SampleFrame slice, SampleFrame all)
    {
        var loss = Loss(scores);
        var inside = slice.Cases.ToHashSet();
        var outside = 1.0 / all.Cases.Length;
        var sliceMean = slice.Cases.Average(loss);
        var restMean = all.Cases.Where(i => !inside.Contains(i)).Average(loss);
        double Weighted(int i) => inside.Contains(i)
            ? (1.0 / slice.Cases.Length - outside) * (loss(i) - sliceMean)
            : -outside * (loss(i) - restMean);
        return [.. all.Clusters.Select(cluster => cluster.Sum(Weighted))];
    }

    private static Func<int, double> Loss(MeanMeasurement scores) => scores.Dimension.HigherIsBetter
        ? i => scores.ParentScores[i] - scores.CandidateScores[i]
        : i => scores.CandidateScores[i] - scores.ParentScores[i];
}
