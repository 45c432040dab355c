using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Permutation;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Recovery;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Pipeline;

/// <summary>Prunes and recovers; independent of the target, so every RID of a project shares the result.</summary>
internal static class PruneStage
{
    private const string Name = "prune";

    public static StageResult Run(WorkContext context)
    {
        var request = context.Request;
        using var model = OnnxModel.Load(request.Model);
        var key = context.Key(Name);
        foreach (var (file, index) in model.SourceFiles.Select((file, index) => (file, index)))
            key.Add("model", context.Files.Of(file, index == 0 ? "model" : "external-data").Sha256);
        var recipe = context.Recipe;
        foreach (var (name, value) in recipe.Describe().Where(option => option.Key.StartsWith("prune.", StringComparison.Ordinal)))
            key.Add(name, value);
        if (recipe.Calibration is { } calibration)
            CalibrateStage.AddData(context, key, calibration);
        var text = key.ToString();
        var folder = context.Store.GetOrMake(Name, text, working => Make(context, model, working), context.Cancellation);
        context.Store.Trim(Name, keep: 4);
        return new StageResult(folder, text);
    }

    private static void Make(WorkContext context, OnnxModel model, string folder)
    {
        var warnings = new List<Diagnostic>();
        RequireFinite(model);
        var curves = new List<LayerCurve>();
        var reports = context.Recipe.Prune is { } step ? Prune(context, model, step, curves, warnings) : [];
        context.Cancellation.ThrowIfCancellationRequested();
        var result = new StageResult(folder, "");
        model.Save(result.Model, externalData: true);
        if (reports.Count > 0)
            DamageReport.Save(folder, reports, curves);
        new LayerFile([.. reports.Select(CompressedLayer.Of)], warnings).Save(result.Layers);
    }

    private static IReadOnlyList<LayerReport> Prune(WorkContext context, OnnxModel model, PruneStep step, List<LayerCurve> curves, List<Diagnostic> warnings)
    {
        var options = new PruneOptions
        {
            Pattern = SparsityPattern.Parse(step.Pattern),
            Sparsity = step.Sparsity,
            Criterion = PruningCriteria.Get(step.Criterion),
            Ratios = LayerRatioMethods.Get(step.LayerRatios),
            Recovery = RecoveryMethods.Parse(step.Recovery),
            AllowExtremeSparsity = step.AllowExtremeSparsity,
            ProtectFirstLast = step.ProtectFirstLast,
            Skip = [.. step.Skip.Select(layer => layer.Name)],
            PerLayer = [.. step.Layers.Select(layer => new LayerOverride(layer.Layer.Name, Sparsity: layer.Sparsity))],
            Threads = context.Threads,
            Curves = curves,
        };
        LayerNameCheck.Run(model, step.Skip.Concat(step.Layers.Select(layer => layer.Layer)));
        var data = context.Recipe.Calibration;
        CalibrationStatistics? statistics = null;
        if (data is not null && (step.Permute || options.Ratios.NeedsCurves || (!step.Sequential && (options.Recovery != RecoveryMethod.None || options.Criterion.NeedsStatistics))))
            statistics = CalibrateStage.Run(context, model, data, warnings);
        if (step.Permute)
        {
            context.Reporter.Progress(Name, "reordering channels");
            statistics = ChannelPermutation.Run(model, options, statistics, context.Cancellation).Statistics;
        }
        var progress = new LayerProgressLine(context.Reporter, Name);
        var reports = step.Sequential && data is not null
            ? SequentialPruner.Prune(model, context.Request.Model, options, CalibrationReader.Read(model, data), statistics, warnings, progress, context.Cancellation)
            : ModelPruner.Prune(model, options, statistics, warnings, progress, context.Cancellation);
        if (data is not null && (step.ReestimateBatchNorm ?? (!step.Sequential && options.Recovery != RecoveryMethod.None)))
            Reestimate(context, model, data, step, warnings);
        return reports;
    }

    private static void Reestimate(WorkContext context, OnnxModel model, CalibrationData data, PruneStep step, List<Diagnostic> warnings)
    {
        try
        {
            var layers = BatchNormReestimation.Apply(model, CalibrationReader.Read(model, data), context.Cancellation);
            if (layers > 0)
                context.Reporter.Progress(Name, $"re-estimated {layers} batch normalizations");
        }
        catch (PruneBuildException refusal) when (refusal.Code == "PB3007" && step.ReestimateBatchNorm is null)
        {
            // Nobody asked for it by name: the model ships with the statistics it has.
            warnings.Add(refusal.Diagnostic with { Severity = Severity.Warning });
        }
    }

    /// <summary>
    /// Layers that nothing edits ship as well, so weights and biases of all are looked at. Other constants may be infinite: attention
    /// masks are.
    /// </summary>
    private static void RequireFinite(OnnxModel model)
    {
        foreach (var name in WeightSites.Find(model).SelectMany(site => site.Node.Input.Skip(2).Prepend(site.StoredName)).Distinct())
            if (model.Weights.TryGetValue(name, out var weight) && weight.FirstNonFinite() is >= 0 and var index)
                throw new PruneBuildException("PB2010", name, index);
    }
}
