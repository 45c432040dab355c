namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Round to nearest on the range that costs least: of the full one and those shrunk by 1 to 79 hundredths, the one of least
/// Σ|w − ŵ|^2.4, the exponent of Frantar et al. 2023 ("GPTQ", the search of their implementation). What lies outside is clipped.
/// </summary>
public sealed class ClipSearch : IGroupQuantizer
{
    private const int Steps = 80;
    private const double Exponent = 2.4;

    /// <inheritdoc/>
    public string Name => "rtn-clip";

    /// <inheritdoc/>
    public bool NeedsStatistics => false;

    /// <inheritdoc/>
    public QuantizedMatrix Quantize(GroupProblem problem) => RoundToNearest.Quantize(problem, Best);

    /// <summary>The best grid of a group.</summary>
    internal static GroupGrid Best(ReadOnlySpan<float> values, GroupFormat format, int group)
    {
        var (best, least) = (GroupGrid.Cover(values, format), double.PositiveInfinity);
        for (var step = 0; step < Steps; step++)
        {
            var grid = GroupGrid.Cover(values, format, 1 - (step / 100f));
            var error = 0.0;
            foreach (var value in values)
                error += Math.Pow(Math.Abs(value - grid.Value(grid.Level(value, format.HighestLevel))), Exponent);
            if (error < least)
                (best, least) = (grid, error);
        }
        return best;
    }
}
