using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Quantization;
using PruneBuild.Compression.Recovery;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Drift;

/// <summary>How far a layer's weights are from its parent's.</summary>
/// <param name="Name">The layer.</param>
/// <param name="SignalToNoise">Σw² / Σ(w − ŵ)² in decibels; null when they are equal or were not compared.</param>
/// <param name="RelativeError">‖(W − Ŵ)X‖ / ‖WX‖ on what the parent's layer sees; null when there are no statistics or nothing was compared.</param>
/// <param name="Reason">Why something is missing, or null.</param>
public sealed record LayerDrift(string Name, double? SignalToNoise, double? RelativeError, string? Reason = null);

/// <summary>Compares the layers of two models by their weights.</summary>
public static class LayerComparison
{
    /// <summary>
    /// Every layer of the parent: its weights against those of the layer that makes the same value in the edited model, float, int8 or in
    /// groups. The error of the output is √(tr(D S Dᵀ) / tr(W S Wᵀ)) with D = W − Ŵ and S = Σ x xᵀ; what
    /// was added to biases is not in it.
    /// </summary>
    /// <param name="parent">Its batch normalizations are folded where the edited model's are.</param>
    /// <param name="edited">The edited model.</param>
    /// <param name="statistics">Of the parent's layers; null to compare weights alone.</param>
    /// <param name="threads">Most threads to use; the result is the same for any.</param>
    /// <param name="cancellation">Observed between layers.</param>
    public static IReadOnlyList<LayerDrift> Measure(
        OnnxModel parent, OnnxModel edited, CalibrationStatistics? statistics, int threads, CancellationToken cancellation = default)
    {
        var weights = new LinearWeights(edited);
        return [.. WeightSites.Find(parent).Select(site =>
        {
            cancellation.ThrowIfCancellationRequested();
            return Measure(parent, site, weights.Read(site.OutputName), statistics?.For(site), threads);
        })];
    }

    private static LayerDrift Measure(OnnxModel parent, WeightSite site, LinearWeights.Matrix? edited, SiteStatistics? statistics, int threads)
    {
        if (edited is null)
            return new LayerDrift(site.Name, null, null, "no layer of the edited model makes its output");
        if ((edited.Outputs, edited.Inputs) != (site.Outputs, site.Inputs))
            return new LayerDrift(site.Name, null, null, $"{site.Outputs} x {site.Inputs} became {edited.Outputs} x {edited.Inputs}");
        var dense = site.ReadMatrix(parent);
        var noise = QuantizationNoise.SignalToNoise(dense, edited.Values);
        if (statistics is not { Reason: null })
            return new LayerDrift(site.Name, noise, null, statistics?.Reason);
        var seen = statistics.HoldOut.All(group => group.Count > 0) ? statistics.HoldOut : statistics.Fit;
        var (error, energy) = (0.0, 0.0);
        var band = dense.Length / seen.Count;
        for (var group = 0; group < seen.Count; group++)
        {
            var part = OutputError.Measure(dense.AsMemory(group * band, band), edited.Values.AsMemory(group * band, band), [], seen[group], threads);
            (error, energy) = (error + part.Error, energy + part.Energy);
        }
        return new LayerDrift(site.Name, noise, OutputError.Ratio(error, energy));
    }
}
