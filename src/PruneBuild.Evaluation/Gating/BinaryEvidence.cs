using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation;

/// <summary>
/// Floors on scores of 0 and 1 whose cases are independent: Wilson's interval for the candidate alone, Tango's for what it lost or won,
/// the score interval for what it kept, and Tango's for slice and rest joined by MOVER for the gap of a slice.
/// </summary>
internal static class BinaryEvidence
{
    /// <param name="floor">The floor.</param>
    /// <param name="dimension">What is measured.</param>
    /// <param name="slice">Counts of the slice.</param>
    /// <param name="all">Counts of all cases; only the gap of a slice looks at them.</param>
    /// <param name="chance">What retention is measured from.</param>
    public static FloorEvidence Of(Floor floor, Dimension dimension, PairedCounts slice, PairedCounts all, double? chance)
    {
        // A drop is a loss of quality, also where the score says what is wrong.
        var isOwnValue = floor.Kind is FloorKind.Minimum or FloorKind.Maximum;
        if (!dimension.HigherIsBetter && !isOwnValue) (slice, all) = (slice.Complement(), all.Complement());
        var estimate = Estimate(floor, slice, all, chance);
        var bound = Bound(floor, slice, all, chance, 1);
        return new FloorEvidence(estimate, bound, Method(floor, chance), () => CasesNeeded(floor, slice, all, chance, estimate, bound));
    }

    private static double Estimate(Floor floor, PairedCounts slice, PairedCounts all, double? chance) => floor.Kind switch
    {
        FloorKind.MaxDrop => slice.Drop,
        FloorKind.MinImprovement => -slice.Drop,
        FloorKind.SliceGap => slice.Drop - all.Drop,
        FloorKind.Retention when chance is { } level => (slice.Candidate - level) / (slice.Parent - level),
        FloorKind.Retention => (slice.Both + slice.CandidateOnly) / (slice.Both + slice.ParentOnly),
        _ => slice.Candidate,
    };

    private static double Bound(Floor floor, PairedCounts slice, PairedCounts all, double? chance, double factor)
    {
        var (a, b, c, n) = slice.Scaled(factor);
        return floor.Kind switch
        {
            FloorKind.MaxDrop => -TangoInterval.LowerBound(b, c, n, floor.Confidence),
            FloorKind.MinImprovement => TangoInterval.LowerBound(b, c, n, floor.Confidence),
            FloorKind.SliceGap => GapBound(slice.Scaled(factor), slice.RestOf(all).Scaled(factor), floor.Confidence),
            FloorKind.Retention when chance is { } level => AdjustedRetentionInterval.LowerBound(a, b, c, n, level, floor.Confidence),
            FloorKind.Retention => RetentionInterval.LowerBound(a, b, c, floor.Confidence),
            FloorKind.Maximum => WilsonInterval.UpperBound(a + c, n, floor.Confidence),
            _ => WilsonInterval.LowerBound(a + c, n, floor.Confidence),
        };
    }

    // The slice is part of all cases: its gap is that to the rest, times the share of the rest.
    private static double GapBound(PairedCounts slice, PairedCounts rest, double confidence)
    {
        var upper = -TangoInterval.LowerBound(slice.ParentOnly, slice.CandidateOnly, slice.Cases, confidence);
        var lower = TangoInterval.LowerBound(rest.CandidateOnly, rest.ParentOnly, rest.Cases, confidence);
        return rest.Cases / (slice.Cases + rest.Cases) * MoverInterval.UpperBound(slice.Drop, upper, rest.Drop, lower);
    }

    private static string Method(Floor floor, double? chance) => floor.Kind switch
    {
        FloorKind.MaxDrop or FloorKind.MinImprovement => "Tango",
        FloorKind.SliceGap => "Tango, MOVER",
        FloorKind.Retention => chance is null ? "score of the ratio" : "adjusted Fieller",
        _ => "Wilson",
    };

    private static long? CasesNeeded(Floor floor, PairedCounts slice, PairedCounts all, double? chance, double estimate, double bound)
    {
        if (floor.Kind == FloorKind.SliceGap) return FloorEvidence.ByScaling(floor, estimate, bound, (int)slice.Cases);
        var level = (1 - floor.Threshold) * (chance ?? 0);
        var (mean, meanSquare) = floor.Kind switch
        {
            FloorKind.MaxDrop or FloorKind.MinImprovement => (slice.Drop, (slice.ParentOnly + slice.CandidateOnly) / slice.Cases),
            FloorKind.Retention => (slice.Candidate - floor.Threshold * slice.Parent, MeanSquareOfRetention(floor.Threshold, slice)),
            _ => (slice.Candidate, slice.Candidate),
        };
        var distance = floor.Kind == FloorKind.Retention ? mean - level : Math.Abs(floor.Threshold - estimate);
        if (distance <= 0) return null;
        var planned = SampleSize.ForMean(Math.Max(0, meanSquare - mean * mean), distance, floor.Confidence);
        return SampleSize.Smallest(
            Math.Max(planned, (long)slice.Cases + 1), cases => floor.IsSure(Bound(floor, slice, all, chance, cases / slice.Cases)));
    }

    // One case scores 1-r when both are right, -r for the parent alone and 1 for the candidate alone.
    private static double MeanSquareOfRetention(double r, PairedCounts slice) =>
        (slice.Both * (1 - r) * (1 - r) + slice.ParentOnly * r * r + slice.CandidateOnly) / slice.Cases;
}
