namespace PruneBuild.Compression.LayerRatios;

/// <summary>
/// Minimizes the sum of what each layer, pruned alone, costs the model's own outputs (<see cref="LossCurves"/>; sensitivity
/// analysis as Han et al. 2015 and Li et al. 2017, divided by <see cref="MarginalAnalysis"/>). It sees what output errors do not:
/// how much of a layer's damage the layers behind it pass on.
/// </summary>
public sealed class MeasuredLossRatios : ILayerRatios
{
    /// <inheritdoc/>
    public string Name => "measured-loss";

    /// <inheritdoc/>
    public bool NeedsCurves => false;

    /// <inheritdoc/>
    public bool NeedsLossCurves => true;

    /// <inheritdoc/>
    public double[] Allocate(IReadOnlyList<LayerCurve> layers, double sparsity) =>
        MarginalAnalysis.Allocate([.. layers.Select(layer => layer with { Errors = Rising(layer.Errors) })], sparsity);

    /// <summary>More zeros that happen to cost less are noise: the dearest so far counts.</summary>
    private static List<double> Rising(IReadOnlyList<double> errors)
    {
        var (rising, most) = (new List<double>(), 0.0);
        foreach (var error in errors)
            rising.Add(most = Math.Max(most, error));
        return rising;
    }
}
