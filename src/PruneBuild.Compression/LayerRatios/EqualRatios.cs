namespace PruneBuild.Compression.LayerRatios;

/// <summary>The same ratio in every layer.</summary>
public sealed class EqualRatios : IBlockRatios
{
    /// <inheritdoc/>
    public string Name => "uniform";

    /// <inheritdoc/>
    public double Most => 0.99;

    /// <inheritdoc/>
    public double[] Allocate(IReadOnlyList<double> sizes, double ratio, LayerCosines cosines) => [.. sizes.Select(_ => ratio)];
}
