namespace PruneBuild.Compression.LayerRatios;

/// <summary>The same sparsity everywhere.</summary>
public sealed class UniformRatios : ILayerRatios
{
    /// <inheritdoc/>
    public string Name => "uniform";

    /// <inheritdoc/>
    public bool NeedsCurves => false;

    /// <inheritdoc/>
    public double[] Allocate(IReadOnlyList<LayerCurve> layers, double sparsity) => [.. layers.Select(_ => sparsity)];
}
