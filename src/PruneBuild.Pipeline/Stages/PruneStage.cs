using System.Globalization;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Permutation;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Redistribution;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline;

/// <summary>Prunes and recovers; independent of the target, so every RID of a project shares the result.</summary>
internal static class PruneStage
{
    private const string Name = "prune";

    /// <summary>Batches that the loss is measured on, once for every layer and sparsity.</summary>
    internal const int MeasuredBatches = 4;

    public static StageResult Run(WorkContext context)
    {
        var source = StructureStage.Run(context);
        var recipe = context.Recipe;
        var key = context.Key(Name).Add("source", source.Key).AddOptions(recipe, "prune.");
        // Steps train in between, and reordered inner values of the student are compared with those of a parent kept beside it.
        if (recipe.Prune?.Gradual is not null || ModelTraining.NeedsAlignedParent(recipe))
            key.AddOptions(recipe, "train.");
        if (ModelTraining.KeepsAlignedParent(recipe))
            key.Add("parent", "kept");
        if (recipe.Calibration is { } calibration)
            key.AddData(context, calibration);
        if (JointLevels.Format(recipe) is { } format)
            key.Add("levels", format.Name).AddOptions(recipe, "quantize.");
        var budget = recipe.Prune is { Budget: not null } step ? Budget(context, source, step) : null;
        // Targets that need the same sparsity share the result.
        if (budget is not null)
            key.Add("sparsity", budget.Sparsity.ToString("R", CultureInfo.InvariantCulture));
        return context.Make(Name, key, keep: 4, working => Make(context, source, budget, working));
    }

    private static ArtifactBudget Budget(WorkContext context, StageResult source, PruneStep step)
    {
        using var model = OnnxModel.Load(source.Model);
        LayerNameCheck.Run(model, step.NamedLayers);
        return BudgetSearch.Find(model, context.Device, context.Recipe, step, Options(context, step));
    }

    private static void Make(WorkContext context, StageResult source, ArtifactBudget? budget, string folder)
    {
        using var model = OnnxModel.Load(source.Model);
        FiniteWeights.Require(model);
        var before = LayerFile.Before(source);
        var run = new PruneRun(context, source, model, folder, [.. before.Warnings], (before.Edits ?? new ArtifactEdits()) with { Budget = budget });
        if (budget is not null)
            context.Reporter.Progress(Name, FormattableString.Invariant($"sparsity {budget.Sparsity:0.####} keeps the budget: {budget.Predicted:0.####} of {budget.Most:0.####} {budget.Unit}"));
        var reports = context.Recipe.Prune is { } step ? run.Prune(step with { Sparsity = budget?.Sparsity ?? step.Sparsity }) : [];
        context.Cancellation.ThrowIfCancellationRequested();
        var result = new StageResult(folder, "");
        model.Save(result.Model, externalData: true);
        if (run.Packed.Count > 0)
            PackedWeightsFile.Save(folder, run.Packed);
        if (reports.Count > 0)
            DamageReport.Save(folder, reports, run.Curves);
        new LayerFile([.. reports.Select(CompressedLayer.Of)], run.Warnings) { Edits = run.Edits }.Save(result.Layers);
    }

    private static PruneOptions Options(WorkContext context, PruneStep step) => new()
    {
        Pattern = SparsityPattern.Parse(step.Pattern),
        Sparsity = step.Sparsity,
        Criterion = PruningCriteria.Get(step.Criterion),
        Ratios = LayerRatioMethods.Get(step.LayerRatios),
        Recovery = RecoveryMethods.Parse(step.Recovery),
        AllowExtremeSparsity = step.AllowExtremeSparsity || step.Gradual is not null,
        ProtectFirstLast = step.ProtectFirstLast,
        Skip = [.. step.Skip.Select(layer => layer.Name)],
        PerLayer = [.. step.Layers.Select(layer => new LayerOverride(layer.Layer.Name, Sparsity: layer.Sparsity))],
        Threads = context.Threads,
    };

    /// <summary>One run: what it edits and what it has to say.</summary>
    private sealed class PruneRun(WorkContext context, StageResult source, OnnxModel model, string folder, List<Diagnostic> warnings, ArtifactEdits edits)
    {
        private readonly CalibrationData? data = context.Recipe.Calibration;

        /// <summary>Error against sparsity of every layer, where the layer ratios asked.</summary>
        public List<LayerCurve> Curves { get; } = [];

        /// <summary>The packed weights whose levels are chosen while pruning.</summary>
        public SortedDictionary<string, byte[]> Packed { get; } = new(StringComparer.Ordinal);

        public List<Diagnostic> Warnings => warnings;

        public ArtifactEdits? Edits => edits == new ArtifactEdits() ? null : edits;

        private string ParentPath => Path.Combine(folder, ModelTraining.AlignedParent);

        public IReadOnlyList<LayerReport> Prune(PruneStep step)
        {
            var options = Options(context, step) with { Curves = Curves, Packed = Packed };
            if (JointLevels.Format(context.Recipe) is { } format)
                options = JointLevels.With(options, context.Recipe, format, WeightSites.Find(model));
            LayerNameCheck.Run(model, step.NamedLayers);
            var needsDense = options.Ratios.NeedsCurves || ((!step.Sequential || options.Ratios.NeedsLossCurves) && NeedsStatistics(options));
            var statistics = data is not null && (step.Permute || step.Redistribute.Count > 0 || needsDense) ? CalibrateStage.Run(context, source, model, data, warnings) : null;
            foreach (var name in step.Redistribute)
                statistics = Redistribute(name, statistics);
            if (step.Permute)
                statistics = Permute(options, statistics);
            KeepParent();
            if (data is not null && options.Ratios.NeedsLossCurves)
                options = options with { LossCurves = MeasureLoss(options, data, statistics) };
            var reports = step.Gradual is { } gradual && context.Recipe.Train is { } train && data is not null
                ? PruneInSteps(step, options, gradual, train, data, statistics)
                : PruneOnce(step, options, statistics, warnings);
            if (data is not null && (step.ReestimateBatchNorm ?? (!step.Sequential && options.Recovery != RecoveryMethod.None)))
                Reestimate(step, data);
            return reports;
        }

        /// <summary>Keeps the model as it was before its first weight went, for what compares inner values.</summary>
        public void KeepParent()
        {
            if (ModelTraining.KeepsAlignedParent(context.Recipe) && !File.Exists(ParentPath))
                model.Save(ParentPath, externalData: true);
        }

        private static bool NeedsStatistics(PruneOptions options) => options.Recovery != RecoveryMethod.None || options.Criterion.NeedsStatistics || options.Levels is not null;

        private CalibrationStatistics? Redistribute(string name, CalibrationStatistics? statistics)
        {
            context.Reporter.Progress(Name, $"redistributing importance: {name}");
            var (moved, groups) = Redistributions.Get(name).Apply(model, statistics, context.Cancellation);
            edits = edits with
            {
                Redistributions = [.. edits.Redistributions ?? [], .. groups.Select(group => new ArtifactRedistribution(name, group.Name, group.Units, group.Reason))],
            };
            return moved;
        }

        private CalibrationStatistics? Permute(PruneOptions options, CalibrationStatistics? statistics)
        {
            context.Reporter.Progress(Name, "reordering channels");
            var (reordered, classes) = ChannelPermutation.Run(model, options, statistics, context.Cancellation);
            edits = edits with
            {
                Permutations = [.. classes.Select(found => new ArtifactPermutation(found.Name, found.Units, found.Before, found.After, found.Reason))],
            };
            return reordered;
        }

        private IReadOnlyList<LayerCurve> MeasureLoss(PruneOptions options, CalibrationData cases, CalibrationStatistics? statistics)
        {
            context.Reporter.Progress(Name, "measuring what each layer costs");
            var progress = new LayerProgressLine(context.Reporter, Name);
            var batches = CalibrationReader.Read(model, cases).Take(MeasuredBatches);
            return LossCurves.Measure(model, context.Request.Model, options, batches, statistics, progress, context.Cancellation);
        }

        private IReadOnlyList<LayerReport> PruneOnce(PruneStep step, PruneOptions options, CalibrationStatistics? statistics, ICollection<Diagnostic>? told)
        {
            var progress = new LayerProgressLine(context.Reporter, Name);
            return step.Sequential && data is not null
                ? SequentialPruner.Prune(model, context.Request.Model, options, CalibrationReader.Read(model, data), statistics, told, progress, context.Cancellation)
                : ModelPruner.Prune(model, options, statistics, told, progress, context.Cancellation);
        }

        private IReadOnlyList<LayerReport> PruneInSteps(
            PruneStep step, PruneOptions options, GradualSchedule gradual, TrainStep train, CalibrationData cases, CalibrationStatistics? statistics)
        {
            // Warnings about much sparsity at once do not hold here.
            var schedule = CubicSchedule.Sparsities(step.Sparsity, gradual.Steps);
            var training = new ModelTraining(context, Name, train, cases);
            using var teacher = OnnxModel.Load(ModelTraining.TeacherOf(context, new StageResult(folder, "")));
            IReadOnlyList<LayerReport> reports = [];
            for (var index = 0; index < schedule.Count; index++)
            {
                var fraction = step.Sparsity == 0 ? 0 : schedule[index] / step.Sparsity;
                context.Reporter.Progress(Name, FormattableString.Invariant($"step {index + 1} of {schedule.Count}: sparsity {schedule[index]:0.###}"));
                reports = PruneOnce(step, options with
                {
                    Sparsity = schedule[index],
                    PerLayer = [.. options.PerLayer.Select(layer => layer with { Sparsity = layer.Sparsity * fraction })],
                }, statistics, told: null);
                if (index + 1 == schedule.Count)
                    break;
                var report = training.Run(model, teacher, gradual.TrainSteps, warnings);
                edits = edits with { Training = [.. edits.Training ?? [], report] };
                // What the weights see has moved with them.
                if (statistics is not null)
                    statistics = Calibrator.Collect(model, context.Request.Model, WeightSites.Find(model), CalibrationReader.Read(model, cases), context.Threads, context.Cancellation);
            }
            return reports;
        }

        private void Reestimate(PruneStep step, CalibrationData cases)
        {
            try
            {
                var layers = BatchNormReestimation.Apply(model, CalibrationReader.Read(model, cases), context.Cancellation);
                if (layers == 0)
                    return;
                context.Reporter.Progress(Name, $"re-estimated {layers} batch normalizations");
                edits = edits with { BatchNormalizations = layers };
            }
            catch (PruneBuildException refusal) when (refusal.Code == "PB3007" && step.ReestimateBatchNorm is null)
            {
                // Nobody asked for it by name: the model ships with the statistics it has.
                warnings.Add(refusal.Diagnostic with { Severity = Severity.Warning });
            }
        }
    }
}
