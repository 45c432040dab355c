namespace PruneBuild.Compression.Structured;

/// <summary>
/// Σ over the rows that make the unit of (max w + |min w|): the maximum absolute weight score of gate and up rows of a gated
/// feed-forward (optipfair, "MAW"), which sees neither data nor the layer that reads the unit. The floor that other criteria must
/// beat.
/// </summary>
public sealed class WeightRange : IUnitCriterion
{
    /// <inheritdoc/>
    public string Name => "maw";

    /// <inheritdoc/>
    public bool NeedsStatistics => false;

    /// <inheritdoc/>
    public double[]? Score(CoupledUnits units) => units.Producers.Count == 0 ? null
        : UnitSums.Total(units.Class.Size, units.Producers.Select(site => site.Lines.Select(rows => rows.Sum(row =>
        {
            var weights = site.Matrix.AsSpan(row * site.Site.Inputs, site.Site.Inputs);
            var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
            foreach (var weight in weights)
                (low, high) = (Math.Min(low, weight), Math.Max(high, weight));
            return (double)high + Math.Abs((double)low);
        })).ToArray()));
}
