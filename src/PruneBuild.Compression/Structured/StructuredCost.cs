using PruneBuild.Graph;
using PruneBuild.Graph.Dimensions;

namespace PruneBuild.Compression.Structured;

/// <summary>What the layers of a model cost when classes are narrower, and which widths a class may have.</summary>
internal sealed class StructuredCost
{
    private const int ManyNeurons = 256;
    private const int WideMultiple = 64;
    private const int NarrowMultiple = 8;

    private readonly IReadOnlyList<CoupledUnits> classes;
    private readonly Dictionary<string, long> costs;
    private readonly int[] multiples;

    public StructuredCost(OnnxModel model, IReadOnlyList<CoupledUnits> classes, StructuredOptions options)
    {
        this.classes = classes;
        var macs = ModelCost.Macs(model);
        costs = WeightSites.Find(model).ToDictionary(
            site => site.OutputName,
            site => options.Budget.Unit == BudgetUnit.Bytes ? model.Weights[site.StoredName].Bytes : macs[site.OutputName], StringComparer.Ordinal);
        multiples = [.. classes.Select(units => options.Align ?? Multiple(units))];
    }

    /// <summary>Cost of the dense model.</summary>
    public double Dense => costs.Values.Sum();

    /// <summary>Cost with so many units in every class.</summary>
    public double Of(IReadOnlyList<int> widths)
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

    /// <summary>Units that a class keeps at least.</summary>
    public int Least(int index) => Math.Min(multiples[index], classes[index].Class.Size);

    /// <summary>The smallest permitted width that is no less than some number of units.</summary>
    public int AtLeast(int index, int units) =>
        Math.Clamp((units + multiples[index] - 1) / multiples[index] * multiples[index], Least(index), classes[index].Class.Size);

    /// <summary>The permitted widths of a class below one, the widest first.</summary>
    public IEnumerable<int> Below(int index, int width)
    {
        for (var lower = AtLeast(index, width - multiples[index]); lower < width; lower = AtLeast(index, lower - multiples[index]))
        {
            yield return lower;
            if (lower == Least(index))
                yield break;
        }
    }

    private static int Multiple(CoupledUnits units) =>
        units.Producers.Any(site => site.Site.Kind == SiteKind.Conv) || units.Class.Size < ManyNeurons ? NarrowMultiple : WideMultiple;

    private static double Share(UnitSite site, int size) => site.Lines.Sum(lines => lines.Count) / (double)size;
}
