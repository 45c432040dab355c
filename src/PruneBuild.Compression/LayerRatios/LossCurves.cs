using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Recovery;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.LayerRatios;

/// <summary>Measures what each weight, pruned alone, costs the whole model: one run over the data for every weight and sparsity.</summary>
public static class LossCurves
{
    private const double HighSparsity = 0.5;

    private static readonly double[] Sparsities = [0.25, 0.5, 0.75];
    private static readonly double[] HighSparsities = [.. Sparsities, 0.85];

    /// <summary>
    /// Prunes and recovers one weight after the other in copies of the model and runs them in ONNX Runtime. The loss is that of the
    /// first output against the dense one: the mean KL divergence KL(dense ‖ pruned) in nats where it is classes or the next token, the
    /// squared error relative to the dense energy otherwise.
    /// </summary>
    /// <param name="model">The dense model; unchanged.</param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="options">As for <see cref="ModelPruner"/>, which takes the curves in <see cref="PruneOptions.LossCurves"/>.</param>
    /// <param name="batches">Calibration data, enumerated once; some hundred cases tell layers apart.</param>
    /// <param name="statistics">Of the dense model; null when neither criterion nor recovery needs them.</param>
    /// <param name="progress">Told after every weight; may be null.</param>
    /// <param name="cancellation">Observed between batches.</param>
    /// <returns>A curve for every weight whose sparsity neither the recipe nor the pattern gives, in node order; the same for any number of threads.</returns>
    /// <exception cref="PruneBuildException">
    /// PB1012: the first output is not float. PB2010: a weight is not finite. PB2012: ONNX Runtime rejects the model. PB3003: batches or
    /// statistics are missing. PB3004: a batch does not fit the model, or its output is not finite. PB6002: scratch space.
    /// </exception>
    public static IReadOnlyList<LayerCurve> Measure(
        OnnxModel model, string modelPath, PruneOptions options, IEnumerable<CalibrationBatch> batches, CalibrationStatistics? statistics = null,
        IProgress<LayerProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (statistics is null && options.Criterion.NeedsStatistics)
            throw new PruneBuildException("PB3003", options.Criterion.Name);
        if (statistics is null && options.Recovery != RecoveryMethod.None)
            throw new PruneBuildException("PB3003", options.Recovery.Name());
        var weights = ModelPruner.Weights(model, WeightSites.Find(model), options);
        var open = Enumerable.Range(0, weights.Count).Where(index => WeightPruner.HasShare(weights[index], options, statistics?.For(weights[index].Sites[0]))).ToList();
        if (open.Count == 0)
            return [];
        using var loss = new OutputDivergence(model, modelPath, batches, options.Threads, cancellation);
        var sparsities = options.Sparsity > HighSparsity ? HighSparsities : Sparsities;
        var curves = new List<LayerCurve>();
        foreach (var index in open)
        {
            var site = weights[index].Sites[0];
            var errors = Array.ConvertAll(sparsities, sparsity =>
            {
                var copy = model.Snapshot();
                var weight = ModelPruner.Weights(copy, WeightSites.Find(copy), options)[index];
                WeightPruner.Prune(copy, weight, options, sparsity, statistics, pairs: null, cancellation);
                return loss.Of(copy, cancellation);
            });
            curves.Add(new LayerCurve(site.StoredName, model.Weights[site.StoredName].Elements, sparsities, errors));
            progress?.Report(new LayerProgress(curves.Count, open.Count, site.Name));
        }
        return curves;
    }
}
