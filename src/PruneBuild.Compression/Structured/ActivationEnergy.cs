namespace PruneBuild.Compression.Structured;

/// <summary>
/// Root mean square of the unit's activation over all calibration rows (the activation-based width importance of Muralidharan et
/// al. 2024, "Compact Language Models via Pruning and Knowledge Distillation", with the L2 norm as aggregate over both batch and
/// sequence). Sorted once by this score, every narrower model is a prefix: see <see cref="UnitOrdering"/>.
/// </summary>
public sealed class ActivationEnergy : IUnitCriterion
{
    /// <inheritdoc/>
    public string Name => "activation";

    /// <inheritdoc/>
    public bool NeedsStatistics => true;

    /// <inheritdoc/>
    public double[]? Score(CoupledUnits units)
    {
        if (units.Consumers.FirstOrDefault(site => site.Statistics is not null) is not { Statistics: { } statistics } reader)
            return null;
        // All readers see the same activation; one is enough.
        return [.. reader.Lines.Select(columns => Math.Sqrt(columns.Average(column => statistics.Gram(column, column) / statistics.Count)))];
    }
}
