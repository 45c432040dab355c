using PruneBuild.Graph;
using PruneBuild.Graph.Dimensions;

namespace PruneBuild.Compression.Structured;

/// <summary>How many units each class keeps for a budget: the same fraction of every class, rounded up to a multiple.</summary>
internal static class WidthPlan
{
    private const int ManyNeurons = 256;
    private const int WideMultiple = 64;
    private const int NarrowMultiple = 8;

    /// <summary>Units to keep, one number a class.</summary>
    public static IReadOnlyList<int> Of(OnnxModel model, IReadOnlyList<CoupledUnits> classes, StructuredOptions options)
    {
        var (unit, remaining) = options.Budget;
        if (unit == BudgetUnit.Units)
            return Widths(classes, remaining, options);
        var macs = ModelCost.Macs(model);
        var cost = WeightSites.Find(model).ToDictionary(
            site => site.OutputName, site => unit == BudgetUnit.Macs ? macs[site.OutputName] : model.Weights[site.StoredName].Bytes, StringComparer.Ordinal);
        // Cost never falls as the fraction grows, so the widest that fits is found by bisection.
        double low = 0, high = 1;
        for (var step = 0; step < 40; step++)
        {
            var middle = (low + high) / 2;
            if (Cost(cost, classes, Widths(classes, middle, options)) <= remaining * cost.Values.Sum())
                low = middle;
            else
                high = middle;
        }
        return Widths(classes, low, options);
    }

    private static List<int> Widths(IReadOnlyList<CoupledUnits> classes, double fraction, StructuredOptions options) =>
        [.. classes.Select(units =>
        {
            var size = units.Class.Size;
            var multiple = options.Align ?? (units.Producers.Any(site => site.Site.Kind == SiteKind.Conv) || size < ManyNeurons ? NarrowMultiple : WideMultiple);
            var wanted = (int)Math.Ceiling(size * fraction);
            return Math.Clamp((wanted + multiple - 1) / multiple * multiple, Math.Min(multiple, size), size);
        })];

    private static double Cost(Dictionary<string, long> cost, IReadOnlyList<CoupledUnits> classes, IReadOnlyList<int> widths)
    {
        var left = cost.ToDictionary(pair => pair.Key, pair => (Rows: 1.0, Columns: 1.0), StringComparer.Ordinal);
        foreach (var (units, width) in classes.Zip(widths))
        {
            var gone = 1 - (width / (double)units.Class.Size);
            foreach (var site in units.Producers)
                left[site.Site.OutputName] = (left[site.Site.OutputName].Rows - (gone * Share(site, site.Site.Outputs)), left[site.Site.OutputName].Columns);
            foreach (var site in units.Consumers)
                left[site.Site.OutputName] = (left[site.Site.OutputName].Rows, left[site.Site.OutputName].Columns - (gone * Share(site, site.Site.Inputs)));
        }
        return cost.Sum(pair => pair.Value * left[pair.Key].Rows * left[pair.Key].Columns);
    }

    private static double Share(UnitSite site, int size) => site.Lines.Sum(lines => lines.Count) / (double)size;
}
