namespace PruneBuild.Compression.Structured;

/// <summary>
/// Weighted input feature variance, Var(x_j) ‖W_:,j‖² over the columns that read the unit (An et al. 2024, "Fluctuation-based
/// Adaptive Structured Pruning for Large Language Models"): what removing the unit costs once its mean is in the bias.
/// </summary>
public sealed class Fluctuation : IUnitCriterion
{
    /// <inheritdoc/>
    public string Name => "flap";

    /// <inheritdoc/>
    public bool NeedsStatistics => true;

    /// <inheritdoc/>
    public double[]? Score(CoupledUnits units)
    {
        if (units.Consumers.Count == 0 || units.Consumers.Any(site => site.Statistics is null))
            return null;
        return UnitSums.Total(units.Class.Size, units.Consumers.Select(site =>
        {
            var statistics = site.Statistics!;
            var mean = statistics.Mean();
            var variance = mean.Select((value, input) => Math.Max(0, (statistics.Gram(input, input) / statistics.Count) - (value * value))).ToArray();
            return UnitSums.OverColumns(site, (weight, column) => (double)weight * weight * variance[column]);
        }));
    }
}
