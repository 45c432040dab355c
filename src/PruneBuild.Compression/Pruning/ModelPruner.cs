using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Recovery;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Pruning;

/// <summary>Prunes the weights of a model in place, one at a time: memory is that of the largest weight, not of the model.</summary>
public static class ModelPruner
{
    /// <summary>Unstructured sparsity above this is refused unless it is asked for by name.</summary>
    public const double ExtremeSparsity = 0.7;

    private const double HighSparsity = 0.6;

    // Below a quarter no sparse kernel is worth it; above 0.85 a layer is close to being cut off.
    private static readonly double[] CurveSparsities = [0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85];

    /// <summary>Prunes and recovers every MatMul, Gemm and Conv whose weight allows it.</summary>
    /// <param name="model">Edited. Biases that recovery needs are created.</param>
    /// <param name="options">How.</param>
    /// <param name="statistics">Of the dense model; null when neither criterion nor recovery needs them.</param>
    /// <param name="warnings">Receives warnings; may be null.</param>
    /// <param name="progress">Told after every weight; may be null.</param>
    /// <param name="cancellation">Observed between weights; the model is half edited then.</param>
    /// <returns>One report a layer, in node order, the dense ones included.</returns>
    /// <exception cref="PruneBuildException">
    /// PB1014: sparsity outside 0 to 1. PB2010: a weight is not finite. PB3001: nothing to prune. PB3002: extreme sparsity.
    /// PB3003: statistics are missing.
    /// </exception>
    public static IReadOnlyList<LayerReport> Prune(
        OnnxModel model, PruneOptions options, CalibrationStatistics? statistics = null,
        ICollection<Diagnostic>? warnings = null, IProgress<LayerProgress>? progress = null, CancellationToken cancellation = default)
    {
        var sites = WeightSites.Find(model);
        var plan = Plan(model, sites, options, statistics, warnings, cancellation);
        if (statistics is null && options.Recovery != RecoveryMethod.None)
            throw new PruneBuildException("PB3003", options.Recovery.Name());
        if (statistics is null && options.Criterion.NeedsStatistics)
            throw new PruneBuildException("PB3003", options.Criterion.Name);

        var reports = new Dictionary<WeightSite, LayerReport>(ReferenceEqualityComparer.Instance);
        for (var index = 0; index < plan.Weights.Count; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            var weight = plan.Weights[index];
            var found = WeightPruner.Prune(model, weight, options, plan.Share(weight), statistics, pairs: null, cancellation);
            foreach (var (site, report) in weight.Sites.Zip(found))
                reports[site] = report;
            progress?.Report(new LayerProgress(index + 1, plan.Weights.Count, weight.Sites[0].Name));
        }
        return [.. sites.Select(site => reports[site])];
    }

    /// <summary>
    /// The sparsity that every layer will get when all share one, by <see cref="WeightSite.OutputName"/>; 0 for layers that stay dense.
    /// </summary>
    public static IReadOnlyDictionary<string, double> Sparsities(OnnxModel model, PruneOptions options) =>
        Weights(model, WeightSites.Find(model), options)
            .SelectMany(weight => weight.Sites, (weight, site) => (site.OutputName, Sparsity: WeightPruner.Refusal(weight, options, known: null) is null
                ? WeightPruner.Override(weight, options)?.Sparsity ?? options.Sparsity : 0))
            .ToDictionary(pair => pair.OutputName, pair => pair.Sparsity, StringComparer.Ordinal);

    /// <summary>What will be pruned, and how much of each weight.</summary>
    /// <exception cref="PruneBuildException">As <see cref="Prune"/>.</exception>
    internal static PruningPlan Plan(
        OnnxModel model, IReadOnlyList<WeightSite> sites, PruneOptions options, CalibrationStatistics? statistics,
        ICollection<Diagnostic>? warnings, CancellationToken cancellation)
    {
        if (sites.Count == 0)
            throw new PruneBuildException("PB3001", model.SourceFiles is [var path, ..] ? path : model.Graph.Name);
        CheckSparsities(options, warnings);
        if ((statistics is null && options.Ratios.NeedsCurves) || (options.LossCurves is null && options.Ratios.NeedsLossCurves))
            throw new PruneBuildException("PB3003", options.Ratios.Name);
        var weights = Weights(model, sites, options);
        return new PruningPlan([.. sites.Select(site => site.OutputName)], weights, Ratios(model, weights, options, statistics, cancellation));
    }

    /// <summary>
    /// The weights of a model; those of protected layers carry a refusal: the ends when asked for, and routers of experts that the recipe
    /// does not name. Embeddings and normalizations are no sites, and a weight that an embedding shares is refused as shared.
    /// </summary>
    internal static IReadOnlyList<SharedWeight> Weights(OnnxModel model, IReadOnlyList<WeightSite> sites, PruneOptions options)
    {
        var routers = RouterLayers.Find(model);
        bool IsEnd(WeightSite site) => options.ProtectFirstLast && (ReferenceEquals(site, sites[0]) || ReferenceEquals(site, sites[^1]));
        string? Protection(SharedWeight weight) => weight.Sites.Any(IsEnd) ? "the first or the last layer is protected"
            : weight.Sites.Any(site => routers.Contains(site.OutputName)) && WeightPruner.Override(weight, options) is null ? "a router of experts is protected"
            : null;
        return [.. SharedWeight.Group(model, sites).Select(weight => weight with { Refusal = weight.Refusal ?? Protection(weight) })];
    }

    /// <summary>The sparsity of every weight that has a share of the model's.</summary>
    private static Dictionary<string, double> Ratios(
        OnnxModel model, IReadOnlyList<SharedWeight> weights, PruneOptions options, CalibrationStatistics? statistics, CancellationToken cancellation)
    {
        if (!options.Ratios.NeedsCurves && !options.Ratios.NeedsLossCurves)
            return [];
        var open = weights.Where(weight => WeightPruner.HasShare(weight, options, statistics?.For(weight.Sites[0]))).ToList();
        var curves = options.Ratios.NeedsLossCurves
            ? [.. options.LossCurves!.Where(curve => open.Any(weight => weight.Sites[0].StoredName == curve.Weight))]
            : open.Select(weight => WeightPruner.Curve(model, weight, options, CurveSparsities, statistics!, cancellation)).OfType<LayerCurve>().ToList();
        foreach (var curve in curves)
            options.Curves?.Add(curve);
        return curves.Zip(options.Ratios.Allocate(curves, options.Sparsity)).ToDictionary(pair => pair.First.Weight, pair => pair.Second, StringComparer.Ordinal);
    }

    private static void CheckSparsities(PruneOptions options, ICollection<Diagnostic>? warnings)
    {
        var settings = options.PerLayer
            .Select(layer => (Pattern: layer.Pattern ?? options.Pattern, Sparsity: layer.Sparsity ?? options.Sparsity))
            .Prepend((options.Pattern, options.Sparsity));
        foreach (var (pattern, sparsity) in settings.Distinct())
        {
            SparsityPattern.CheckSparsity(sparsity);
            if (pattern is not UnstructuredPattern || sparsity <= HighSparsity)
                continue;
            if (sparsity > ExtremeSparsity && !options.AllowExtremeSparsity)
                throw new PruneBuildException("PB3002", sparsity);
            warnings?.Add(Diagnostic.Create("PB3006", Severity.Warning, sparsity));
        }
    }
}

/// <summary>What will be pruned.</summary>
/// <param name="Outputs">What the sites are known by, in node order.</param>
/// <param name="Weights">The weights; those of protected layers carry a refusal.</param>
/// <param name="Shares">The sparsity of the weights that have one of their own.</param>
internal sealed record PruningPlan(IReadOnlyList<string> Outputs, IReadOnlyList<SharedWeight> Weights, IReadOnlyDictionary<string, double> Shares)
{
    /// <summary>The sparsity of a weight, or null for the model's.</summary>
    public double? Share(SharedWeight weight) => Shares.TryGetValue(weight.Sites[0].StoredName, out var share) ? share : null;
}
