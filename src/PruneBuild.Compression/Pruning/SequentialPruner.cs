using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Recovery;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Pruning;

/// <summary>
/// Prunes layer after layer, each on what the layers before it, already pruned, give it, and fits it to what the dense model gives.
/// So a layer makes up for the damage before it instead of adding to it. Twice the inference of <see cref="ModelPruner"/> and one
/// more set of statistics.
/// </summary>
public static class SequentialPruner
{
    /// <summary>Prunes and recovers every MatMul, Gemm and Conv whose weight allows it.</summary>
    /// <param name="model">Edited. Biases that recovery needs are created.</param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="options">How.</param>
    /// <param name="batches">Calibration data, enumerated once; even batches to fit, odd ones to check.</param>
    /// <param name="dense">Statistics of the dense model, where the layer ratios need them; null otherwise.</param>
    /// <param name="warnings">Receives warnings; may be null.</param>
    /// <param name="progress">Told after every weight; may be null.</param>
    /// <param name="cancellation">Observed between batches and weights; the model is half edited then.</param>
    /// <returns>One report a layer, in node order, the dense ones included.</returns>
    /// <exception cref="PruneBuildException">As <see cref="ModelPruner.Prune"/> and <see cref="SequentialCalibration.Run"/>.</exception>
    public static IReadOnlyList<LayerReport> Prune(
        OnnxModel model, string modelPath, PruneOptions options, IEnumerable<CalibrationBatch> batches, CalibrationStatistics? dense = null,
        ICollection<Diagnostic>? warnings = null, IProgress<LayerProgress>? progress = null, CancellationToken cancellation = default)
    {
        var sites = WeightSites.Find(model);
        var plan = ModelPruner.Plan(model, sites, options, dense, warnings, cancellation);
        var weights = plan.Weights.ToDictionary(weight => weight.Sites[0].WeightName, StringComparer.Ordinal);
        var reports = new Dictionary<string, LayerReport>(StringComparer.Ordinal);
        var settings = new SequentialOptions { Paired = options.Recovery != RecoveryMethod.None, Threads = options.Threads };
        SequentialCalibration.Run(model, modelPath, sites, batches, settings, step =>
        {
            foreach (var weight in step.Sites.Select(site => weights[site.WeightName]).Distinct())
            {
                cancellation.ThrowIfCancellationRequested();
                // An Add behind a MatMul gives the value that the site is known by a new name.
                var names = weight.Sites.Select(site => site.OutputName).ToList();
                var found = WeightPruner.Prune(model, weight, options, plan.Share(weight), step.Statistics, step.Pairs, cancellation);
                foreach (var (name, report) in names.Zip(found))
                    reports[name] = report;
                progress?.Report(new LayerProgress(reports.Count, sites.Count, weight.Sites[0].Name));
            }
        }, cancellation);
        return [.. plan.Outputs.Select(name => reports[name])];
    }
}
