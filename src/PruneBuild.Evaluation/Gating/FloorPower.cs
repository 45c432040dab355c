using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation;

/// <summary>What a plan of case numbers assumes.</summary>
/// <param name="Drop">The true drop that shall be told from none, above 0.</param>
/// <param name="Power">The share of runs in which a floor shall decide, 0.5 to below 1.</param>
/// <param name="Discordance">Share of cases that parent and candidate score differently, above 0.</param>
/// <param name="Parent">The dense parent's value on a slice, from the lock; null where nobody measured it.</param>
/// <param name="AssumedParent">Its value where nobody measured it.</param>
public sealed record PowerAssumptions(double Drop, double Power, double Discordance, Func<string, string, double?> Parent, double AssumedParent);

/// <summary>
/// How many cases a floor needs on a slice to let a candidate through that is as good as the dense parent. Means of 0 and 1 are planned by
/// the intervals that judge them; other metrics as if they were such a mean.
/// </summary>
/// <param name="Floor">The floor.</param>
/// <param name="Slice">The slice.</param>
/// <param name="Cases">Cases that there are.</param>
/// <param name="Clusters">Clusters that they come in; null where every case stands alone.</param>
/// <param name="Parent">The dense parent's value that was reckoned with.</param>
/// <param name="Discordance">The discordance that was reckoned with; it cannot exceed twice the smaller of the parent's right and wrong answers.</param>
/// <param name="Needed">Cases needed; null when no number lets such a candidate through.</param>
/// <param name="NeededForDrop">Cases needed to tell the assumed drop from none.</param>
/// <param name="SmallestDrop">Smallest true drop that the cases there are tell from none.</param>
public sealed record FloorPower(
    Floor Floor, string Slice, int Cases, int? Clusters, double Parent, double Discordance, long? Needed, long NeededForDrop, double SmallestDrop)
{
    private const double LeastDiscordance = 0.001;

    /// <summary>Plans every floor on every slice it names; those on metrics that do not lie between 0 and 1, ratios and what is measured cannot be planned and are left out.</summary>
    public static IReadOnlyList<FloorPower> Of(Harness harness, CaseSet cases, PowerAssumptions assumptions)
    {
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(assumptions);
        return
        [
            .. from floor in harness.Floors
               where floor.Kind != FloorKind.MaxRatio && !harness.IsMeasured(floor.Dimension) && harness.Subject(floor) is { Lowest: >= -1, Highest: <= 1 }
               from slice in Enumerable.Range(0, cases.Slices.Count)
               where floor.Slice == SliceName.Every || floor.Slice == cases.Slices[slice]
               select Of(floor, cases, slice, assumptions),
        ];
    }

    private static FloorPower Of(Floor floor, CaseSet cases, int slice, PowerAssumptions assumptions)
    {
        var frame = SampleFrame.Of(cases, i => cases.IsIn(i, slice));
        var parent = assumptions.Parent(floor.Dimension, cases.Slices[slice]) ?? assumptions.AssumedParent;
        var discordance = Math.Max(LeastDiscordance, Math.Min(assumptions.Discordance, 2 * Math.Min(parent, 1 - parent)));
        // Cases of a cluster may all say the same.
        long units = frame.Clusters.Count;
        var share = (double)frame.Cases.Length / cases.Count;
        return new FloorPower(
            floor, cases.Slices[slice], frame.Count, frame.Clusters.Count < frame.Count ? frame.Clusters.Count : null, parent, discordance,
            CasesNeeded(floor, parent, discordance, floor.Chance?.On(cases, slice) ?? 0, share, assumptions),
            SampleSize.ForMean(Variance(discordance, assumptions.Drop), assumptions.Drop, floor.Confidence, assumptions.Power),
            Resolvable(discordance, units, floor.Confidence, assumptions.Power));
    }

    private static long? CasesNeeded(Floor floor, double parent, double discordance, double chance, double share, PowerAssumptions assumptions)
    {
        var (b, c) = (discordance / 2, discordance / 2);
        var own = floor.Dimension switch
        {
            "flips" => discordance,
            "right-to-wrong" => b,
            "agreement" => 1 - discordance,
            _ => parent,
        };
        var r = floor.Threshold;
        // For each kind: distance of the expected value from the limit, variance of one case, and whether the interval of n such cases is sure.
        (double Distance, double Variance, Func<double, double> Bound) plan = floor.Kind switch
        {
            FloorKind.MaxDrop => (r, discordance, n => -TangoInterval.LowerBound(b * n, c * n, n, floor.Confidence)),
            FloorKind.MinImprovement => (assumptions.Drop, Variance(discordance, r + assumptions.Drop), n => ImprovementBound(discordance, r + assumptions.Drop, n, floor.Confidence)),
            FloorKind.Retention when floor.Chance is not null => ((parent - chance) * (1 - r), MeanSquareOfRetention(parent, b, r) - Square(parent * (1 - r)),
                n => AdjustedRetentionInterval.LowerBound((parent - b) * n, b * n, c * n, n, chance, floor.Confidence)),
            FloorKind.Retention => (parent * (1 - r), MeanSquareOfRetention(parent, b, r) - Square(parent * (1 - r)),
                n => RetentionInterval.LowerBound((parent - b) * n, b * n, c * n, floor.Confidence)),
            FloorKind.SliceGap => (r, discordance * (1 - share), n => StandardNormal.Quantile(floor.Confidence) * Math.Sqrt(discordance * (1 - share) / n)),
            FloorKind.Maximum => (r - own, own * (1 - own), n => WilsonInterval.UpperBound(own * n, n, floor.Confidence)),
            _ => (own - r, own * (1 - own), n => WilsonInterval.LowerBound(own * n, n, floor.Confidence)),
        };
        if (plan.Distance <= 0 || (floor.Kind == FloorKind.SliceGap && share >= 1)) return null;
        if (floor.Mode == FloorMode.Point) return 1;
        var planned = SampleSize.ForMean(Math.Max(0, plan.Variance), plan.Distance, floor.Confidence, assumptions.Power);
        return SampleSize.Smallest(Math.Max(1, planned), n => floor.IsSure(plan.Bound(n)));
    }

    private static double ImprovementBound(double discordance, double gain, double n, double confidence)
    {
        var discordant = Math.Max(discordance, gain);
        return TangoInterval.LowerBound((discordant - gain) / 2 * n, (discordant + gain) / 2 * n, n, confidence);
    }

    /// <summary>The smallest drop d with d = z √(variance / n); a drop is discordance itself, so beyond the assumed one the variance grows with it.</summary>
    private static double Resolvable(double discordance, long cases, double confidence, double power)
    {
        var drop = SampleSize.Resolvable(discordance, cases, confidence, power);
        if (drop <= discordance) return drop;
        var z2 = Square(SampleSize.Resolvable(1, 1, confidence, power));
        return z2 / (cases + z2);
    }

    private static double Variance(double discordance, double drop) => Math.Max(discordance, drop) - Square(drop);

    // One case scores 1-r when both are right, -r for the parent alone and 1 for the candidate alone.
    private static double MeanSquareOfRetention(double parent, double b, double r) => (parent - b) * Square(1 - r) + b * r * r + b;

    private static double Square(double value) => value * value;
}
