namespace PruneBuild.Graph.Dimensions;

/// <summary>What the linear layers of a model cost.</summary>
public static class ModelCost
{
    /// <summary>
    /// Multiply-accumulates of every site, by output name, for one run in which every size that is known only at run time (batch,
    /// sequence) is 1.
    /// </summary>
    public static IReadOnlyDictionary<string, long> Macs(OnnxModel model)
    {
        var shapes = DimensionClosure.Of(model).Shapes;
        return WeightSites.Find(model).ToDictionary(site => site.OutputName, site => site.Outputs * (long)site.Inputs * Positions(shapes.Shape(site.OutputName), site), StringComparer.Ordinal);
    }

    /// <summary>How often the weight is applied: elements of the output without its features.</summary>
    private static long Positions(long[]? shape, WeightSite site) => (shape ?? [])
        .Where((_, axis) => axis != (site.Kind == SiteKind.Conv ? 1 : shape!.Length - 1))
        .Where(size => !SizeTable.IsSymbol(size))
        .Aggregate(1L, (product, size) => product * size);
}
