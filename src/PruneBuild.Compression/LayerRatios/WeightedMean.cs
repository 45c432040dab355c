namespace PruneBuild.Compression.LayerRatios;

/// <summary>The ratio of a whole model, and how to meet it.</summary>
internal static class WeightedMean
{
    private const int Halvings = 200;

    /// <summary>Σ sizes × ratios / Σ sizes.</summary>
    public static double Of(IReadOnlyList<double> sizes, IReadOnlyList<double> ratios) =>
        sizes.Zip(ratios, (size, ratio) => size * ratio).Sum() / sizes.Sum();

    /// <summary>The ratios at which a family that never falls meets a mean, by bisection.</summary>
    /// <param name="sizes">Of the layers.</param>
    /// <param name="mean">Between those at 0 and at <paramref name="high"/>.</param>
    /// <param name="high">The largest parameter.</param>
    /// <param name="ratios">The family.</param>
    public static double[] Meet(IReadOnlyList<double> sizes, double mean, double high, Func<double, double[]> ratios)
    {
        var low = 0.0;
        for (var step = 0; step < Halvings && high > low; step++)
        {
            var middle = low + ((high - low) / 2);
            if (middle == low || middle == high)
                break;
            if (Of(sizes, ratios(middle)) < mean)
                low = middle;
            else
                high = middle;
        }
        return ratios(high);
    }
}
