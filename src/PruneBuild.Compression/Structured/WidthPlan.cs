using System.Globalization;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Dimensions;

namespace PruneBuild.Compression.Structured;

/// <summary>
/// How many units each class keeps for a budget: the same fraction of every class, in multiples; what rounding leaves of the budget
/// goes to the classes that keep the smallest fraction.
/// </summary>
internal sealed class WidthPlan
{
    private const int ManyNeurons = 256;
    private const int WideMultiple = 64;
    private const int NarrowMultiple = 8;
    private const int BisectionSteps = 40;

    private readonly IReadOnlyList<CoupledUnits> classes;
    private readonly Dictionary<string, long> costs;
    private readonly int[] multiples;

    private WidthPlan(OnnxModel model, IReadOnlyList<CoupledUnits> classes, StructuredOptions options)
    {
        this.classes = classes;
        var macs = ModelCost.Macs(model);
        costs = WeightSites.Find(model).ToDictionary(
            site => site.OutputName,
            site => options.Budget.Unit == BudgetUnit.Macs ? macs[site.OutputName] : model.Weights[site.StoredName].Bytes, StringComparer.Ordinal);
        multiples = [.. classes.Select(units => options.Align ?? Multiple(units))];
    }

    /// <summary>Units to keep, one number a class.</summary>
    /// <exception cref="PruneBuildException">PB3022: even the narrowest widths cost more.</exception>
    public static IReadOnlyList<int> Of(OnnxModel model, IReadOnlyList<CoupledUnits> classes, StructuredOptions options)
    {
        var plan = new WidthPlan(model, classes, options);
        return options.Budget.Unit == BudgetUnit.Units ? plan.Widths(options.Budget.Remaining) : plan.Within(options.Budget);
    }

    private int[] Within(StructuredBudget budget)
    {
        var most = budget.Remaining * costs.Values.Sum();
        if (Cost(Widths(0)) > most)
        {
            var least = Math.Ceiling(Cost(Widths(0)) / costs.Values.Sum() * 1000) / 1000;
            throw new PruneBuildException("PB3022", budget.Remaining, budget.Unit == BudgetUnit.Macs ? "the MACs" : "the bytes", least.ToString(CultureInfo.InvariantCulture));
        }
        // Cost never falls as the fraction grows, so the widest that fits is found by bisection.
        double low = 0, high = 1;
        for (var step = 0; step < BisectionSteps; step++)
        {
            var middle = (low + high) / 2;
            (low, high) = Cost(Widths(middle)) <= most ? (middle, high) : (low, middle);
        }
        var widths = Widths(low);
        while (Wider(widths, most) is { } index)
            widths[index] = Math.Min(widths[index] + multiples[index], classes[index].Class.Size);
        return widths;
    }

    /// <summary>The class with the smallest fraction, ties by index, that can be one multiple wider within the budget.</summary>
    private int? Wider(int[] widths, double most)
    {
        foreach (var index in Enumerable.Range(0, widths.Length).OrderBy(index => widths[index] / (double)classes[index].Class.Size))
        {
            if (widths[index] == classes[index].Class.Size)
                continue;
            int[] wider = [.. widths];
            wider[index] = Math.Min(widths[index] + multiples[index], classes[index].Class.Size);
            if (Cost(wider) <= most)
                return index;
        }
        return null;
    }

    private int[] Widths(double fraction) => [.. classes.Select((units, index) =>
    {
        var (size, multiple) = (units.Class.Size, multiples[index]);
        var wanted = (int)Math.Ceiling(size * fraction);
        return Math.Clamp((wanted + multiple - 1) / multiple * multiple, Math.Min(multiple, size), size);
    })];

    private double Cost(IReadOnlyList<int> widths)
    {
        var left = costs.ToDictionary(pair => pair.Key, _ => (Rows: 1.0, Columns: 1.0), StringComparer.Ordinal);
        foreach (var (units, width) in classes.Zip(widths))
        {
            var gone = 1 - (width / (double)units.Class.Size);
            foreach (var site in units.Producers)
                left[site.Site.OutputName] = left[site.Site.OutputName] with { Rows = left[site.Site.OutputName].Rows - (gone * Share(site, site.Site.Outputs)) };
            foreach (var site in units.Consumers)
                left[site.Site.OutputName] = left[site.Site.OutputName] with { Columns = left[site.Site.OutputName].Columns - (gone * Share(site, site.Site.Inputs)) };
        }
        return costs.Sum(pair => pair.Value * left[pair.Key].Rows * left[pair.Key].Columns);
    }

    private static int Multiple(CoupledUnits units) =>
        units.Producers.Any(site => site.Site.Kind == SiteKind.Conv) || units.Class.Size < ManyNeurons ? NarrowMultiple : WideMultiple;

    private static double Share(UnitSite site, int size) => site.Lines.Sum(lines => lines.Count) / (double)size;
}
