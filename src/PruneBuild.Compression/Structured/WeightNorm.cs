namespace PruneBuild.Compression.Structured;

/// <summary>
/// Σ |w|^p over everything that goes with the unit: the rows that make it and the columns that read it (Li et al. 2017, "Pruning
/// Filters for Efficient ConvNets", over coupled tensors as Fang et al. 2023).
/// </summary>
public sealed class WeightNorm : IUnitCriterion
{
    private readonly int power;

    /// <param name="power">1 or 2.</param>
    public WeightNorm(int power)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(power is 1 or 2, true);
        this.power = power;
    }

    /// <inheritdoc/>
    public string Name => $"l{power}";

    /// <inheritdoc/>
    public bool NeedsStatistics => false;

    /// <inheritdoc/>
    public double[] Score(CoupledUnits units) => UnitSums.Total(units.Class.Size,
        units.Producers.Select(site => UnitSums.OverRows(site, Term)).Concat(units.Consumers.Select(site => UnitSums.OverColumns(site, Term))));

    private double Term(float weight, int column) => power == 1 ? Math.Abs((double)weight) : (double)weight * weight;
}
