namespace PruneBuild.Compression.Structured;

/// <summary>Whole units for fractional ratios.</summary>
public static class UnitCounts
{
    private const double Rounding = 1e-9;

    /// <summary>
    /// How many units each class loses: its ratio rounded down, and the remainders carried over to whole units for the classes with the
    /// largest ones, ties to the earlier. Together as many as the ratios say, rounded down; every class keeps at least one.
    /// </summary>
    /// <param name="units">Units of each class.</param>
    /// <param name="ratios">Fractions to remove, 0 to 1.</param>
    public static int[] Removed(IReadOnlyList<int> units, IReadOnlyList<double> ratios)
    {
        double[] exact = [.. units.Zip(ratios, (count, ratio) => count * ratio)];
        int[] removed = [.. exact.Zip(units, (value, count) => Math.Min((int)Math.Floor(value + Rounding), count - 1))];
        var left = (int)Math.Floor(exact.Sum() + Rounding) - removed.Sum();
        foreach (var index in Enumerable.Range(0, removed.Length).Where(index => removed[index] < units[index] - 1)
            .OrderByDescending(index => exact[index] - removed[index]).ThenBy(index => index).Take(Math.Max(0, left)))
        {
            removed[index]++;
        }
        return removed;
    }
}
