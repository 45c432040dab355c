namespace PruneBuild.Compression.Structured;

/// <summary>Sums over the rows or columns that belong to a unit, in FP64.</summary>
internal static class UnitSums
{
    /// <summary>Σ over the unit's rows of a producer and all columns.</summary>
    public static double[] OverRows(UnitSite site, Func<float, int, double> term)
    {
        var inputs = site.Site.Inputs;
        return [.. site.Lines.Select(rows => rows.Sum(row =>
        {
            double sum = 0;
            for (var column = 0; column < inputs; column++)
                sum += term(site.Matrix[((long)row * inputs) + column], column);
            return sum;
        }))];
    }

    /// <summary>Σ over the unit's columns of a consumer and all rows.</summary>
    public static double[] OverColumns(UnitSite site, Func<float, int, double> term)
    {
        var inputs = site.Site.Inputs;
        return [.. site.Lines.Select(columns => columns.Sum(column =>
        {
            double sum = 0;
            for (var row = 0; row < site.Site.Outputs; row++)
                sum += term(site.Matrix[((long)row * inputs) + column], column);
            return sum;
        }))];
    }

    /// <summary>Adds up several scores of the same units.</summary>
    public static double[] Total(int units, IEnumerable<double[]> parts)
    {
        var total = new double[units];
        foreach (var part in parts)
            for (var unit = 0; unit < units; unit++)
                total[unit] += part[unit];
        return total;
    }
}
