namespace PruneBuild.Compression.LayerRatios;

/// <summary>
/// Minimizes the sum of the layers' errors at a given number of zeros: the next zeros always come from the layer where they cost
/// least, along the lower convex hull of each layer's curve (Fox 1966, "Discrete Optimization via Marginal Analysis"; optimal for
/// convex curves). Of equal costs the earlier layer goes first.
/// </summary>
internal static class MarginalAnalysis
{
    /// <summary>One sparsity for each layer; weighted by elements their mean is <paramref name="sparsity"/> where the curves reach that far.</summary>
    public static double[] Allocate(IReadOnlyList<LayerCurve> layers, double sparsity)
    {
        var ratios = layers.Select(layer => Math.Min(layer.Sparsities[0], sparsity)).ToArray();
        var left = layers.Zip(ratios, (layer, ratio) => (sparsity - ratio) * layer.Elements).Sum();
        if (left <= 0)
            return ratios;
        var segments = layers.SelectMany((layer, index) => Segments(layer, index)).OrderBy(segment => segment.Slope).ThenBy(segment => segment.Layer).ThenBy(segment => segment.From);
        foreach (var segment in segments)
        {
            var needed = (segment.To - segment.From) * layers[segment.Layer].Elements;
            // The last segment is taken in part; what rounding leaves must not start another one.
            ratios[segment.Layer] = segment.From + ((segment.To - segment.From) * Math.Clamp(left / needed, 0, 1));
            if (left <= needed)
                break;
            left -= needed;
        }
        return ratios;
    }

    /// <summary>The lower convex hull: slopes rise along a layer, so its segments are taken in order.</summary>
    private static IEnumerable<Segment> Segments(LayerCurve layer, int index)
    {
        var hull = new List<int>();
        for (var point = 0; point < layer.Sparsities.Count; point++)
        {
            while (hull.Count >= 2 && Slope(layer, hull[^2], hull[^1]) >= Slope(layer, hull[^2], point))
                hull.RemoveAt(hull.Count - 1);
            hull.Add(point);
        }
        return hull.Zip(hull.Skip(1), (from, to) => new Segment(index, layer.Sparsities[from], layer.Sparsities[to], Slope(layer, from, to)));
    }

    private static double Slope(LayerCurve layer, int from, int to) =>
        (layer.Errors[to] - layer.Errors[from]) / ((layer.Sparsities[to] - layer.Sparsities[from]) * layer.Elements);

    private readonly record struct Segment(int Layer, double From, double To, double Slope);
}
