namespace PruneBuild.Compression.Structured;

/// <summary>How many terms of the Taylor series of the loss count.</summary>
public enum TaylorOrder
{
    /// <summary>|w g|.</summary>
    First,

    /// <summary>w² F.</summary>
    Second,

    /// <summary>|w g − ½ w² F|.</summary>
    Mixed,
}

/// <summary>
/// What the loss changes by when a weight w becomes zero, summed over everything that goes with the unit: with the gradient g and
/// the diagonal F of the empirical Fisher information, w g − ½ w² F from the Taylor series (Ma et al. 2023, "LLM-Pruner: On the
/// Structural Pruning of Large Language Models", element-wise importance, summed over the dependency group).
/// </summary>
public sealed class TaylorImportance(TaylorOrder order) : IUnitCriterion
{
    /// <inheritdoc/>
    public string Name => order switch
    {
        TaylorOrder.First => "taylor",
        TaylorOrder.Second => "taylor-second",
        _ => "taylor-mixed",
    };

    /// <inheritdoc/>
    public bool NeedsStatistics => false;

    /// <inheritdoc/>
    public bool NeedsGradients => true;

    /// <inheritdoc/>
    public double[]? Score(CoupledUnits units)
    {
        if (units.Producers.Concat(units.Consumers).Any(site => site.Gradient is null))
            return null;
        return UnitSums.Total(units.Class.Size, units.Producers.Select(site => UnitSums.OverRows(Elements(site), Term))
            .Concat(units.Consumers.Select(site => UnitSums.OverColumns(Elements(site), Term))));

        static double Term(float importance, int column) => importance;
    }

    /// <summary>The site with the importance of every element in the place of its weight.</summary>
    private UnitSite Elements(UnitSite site)
    {
        var (gradients, squares) = (site.Site.Orient(site.Gradient!.Mean), site.Site.Orient(site.Gradient.MeanSquare));
        var importance = new float[site.Matrix.Length];
        for (var index = 0; index < importance.Length; index++)
        {
            double weight = site.Matrix[index];
            var (first, second) = (weight * gradients[index], weight * weight * squares[index]);
            importance[index] = (float)(order switch
            {
                TaylorOrder.First => Math.Abs(first),
                TaylorOrder.Second => second,
                _ => Math.Abs(first - (second / 2)),
            });
        }
        return site with { Matrix = importance };
    }
}
