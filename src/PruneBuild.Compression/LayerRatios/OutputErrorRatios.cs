namespace PruneBuild.Compression.LayerRatios;

/// <summary>Minimizes the sum of the layers' relative squared output errors (<see cref="MarginalAnalysis"/>).</summary>
public sealed class OutputErrorRatios : ILayerRatios
{
    /// <inheritdoc/>
    public string Name => "output-error";

    /// <inheritdoc/>
    public bool NeedsCurves => true;

    /// <inheritdoc/>
    public double[] Allocate(IReadOnlyList<LayerCurve> layers, double sparsity) => MarginalAnalysis.Allocate(layers, sparsity);
}
