namespace PruneBuild.Evaluation;

/// <summary>The number that a floor limits, as a function of the cases it is measured on.</summary>
/// <param name="floor">The floor.</param>
/// <param name="measurement">What it is about.</param>
/// <param name="slice">Numbers of the slice's cases; only the gap of a slice looks at others as well.</param>
/// <param name="chance">What retention is measured from.</param>
internal sealed class FloorQuantity(Floor floor, Measurement measurement, int[] slice, double chance)
{
    private readonly HashSet<int> _slice = floor.Kind == FloorKind.SliceGap ? [.. slice] : [];

    /// <summary>Least and largest possible value.</summary>
    public (double Lowest, double Highest) Range => floor.Kind switch
    {
        FloorKind.Minimum or FloorKind.Maximum => (measurement.Dimension.Lowest, measurement.Dimension.Highest),
        FloorKind.Retention => (0, double.MaxValue),
        FloorKind.MaxRatio => (0, double.PositiveInfinity),
        _ => (-measurement.Dimension.Range, measurement.Dimension.Range),
    };

    /// <summary>
    /// How far the value on many cases may lie from that on these, on either side. Where a metric has no end, such as a loss, its own size on
    /// these cases stands in: one more case may cost as much as all of them do.
    /// </summary>
    public (double Below, double Above) Reach(double estimate)
    {
        var (lowest, highest) = Range;
        if (floor.Kind == FloorKind.MaxRatio) return (estimate, estimate);
        var size = Math.Max(Math.Abs(measurement.Parent(slice)), Math.Abs(measurement.Candidate(slice)));
        return (double.IsFinite(lowest) ? estimate - lowest : size, double.IsFinite(highest) ? highest - estimate : size);
    }

    /// <summary>The value on some cases; NaN where there is none.</summary>
    public double On(ReadOnlySpan<int> cases) => floor.Kind switch
    {
        FloorKind.MaxDrop => Loss(cases),
        FloorKind.MinImprovement => -Loss(cases),
        FloorKind.SliceGap => Gap(cases),
        FloorKind.Retention => Retention(cases),
        FloorKind.MaxRatio => Ratio(cases),
        _ => measurement.Candidate(cases),
    };

    private double Loss(ReadOnlySpan<int> cases) => measurement.Dimension.HigherIsBetter
        ? measurement.Parent(cases) - measurement.Candidate(cases)
        : measurement.Candidate(cases) - measurement.Parent(cases);

    private double Retention(ReadOnlySpan<int> cases)
    {
        var parent = measurement.Parent(cases) - chance;
        return parent > 0 ? (measurement.Candidate(cases) - chance) / parent : double.NaN;
    }

    private double Ratio(ReadOnlySpan<int> cases) => measurement.Parent(cases) is var parent and > 0 ? measurement.Candidate(cases) / parent : double.NaN;

    private double Gap(ReadOnlySpan<int> cases)
    {
        var inside = new int[cases.Length];
        var count = 0;
        foreach (var index in cases)
        {
            if (_slice.Contains(index)) inside[count++] = index;
        }
        return count == 0 ? double.NaN : Loss(inside.AsSpan(0, count)) - Loss(cases);
    }
}
