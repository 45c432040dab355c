using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Structured;
using PruneBuild.Compression.Training;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline;

/// <summary>Removes whole channels and neurons; independent of the target. Without that step its result is that of the stage before.</summary>
internal static class StructureStage
{
    private const string Name = "structure";

    /// <summary>The model that pruning starts from.</summary>
    public static StageResult Run(WorkContext context)
    {
        var source = TransformerStage.Run(context);
        var recipe = context.Recipe;
        if (recipe.Structured is not { } step)
            return source;
        var key = context.Key(Name).Add("source", source.Key).AddOptions(recipe, "structured.");
        if (recipe.Calibration is { } calibration)
            key.AddData(context, calibration);
        return context.Make(Name, key, keep: 4, working => Make(context, source, step, working));
    }

    private static void Make(WorkContext context, StageResult source, StructureStep step, string folder)
    {
        using var model = OnnxModel.Load(source.Model);
        FiniteWeights.Require(model);
        LayerNameCheck.Run(model, step.Skip);
        var before = LayerFile.Before(source);
        var warnings = new List<Diagnostic>(before.Warnings);
        var options = new StructuredOptions
        {
            Budget = step.Budget,
            Widths = step.Widths == "uniform" ? WidthRule.Uniform : WidthRule.OutputError,
            Criterion = UnitCriteria.Get(step.Criterion),
            Recovery = RecoveryMethods.Parse(step.Recovery),
            Align = step.Align,
            Skip = [.. step.Skip.Select(layer => layer.Name)],
            Threads = context.Threads,
        };
        CalibrationStatistics? statistics = null;
        if (context.Recipe.Calibration is { } data && (options.Criterion.NeedsStatistics || options.Widths == WidthRule.OutputError || options.Recovery != RecoveryMethod.None))
            statistics = CalibrateStage.Run(context, source, model, data, warnings);
        var gradients = options.Criterion.NeedsGradients ? Gradients(context, model) : null;
        context.Reporter.Progress(Name, "removing channels and neurons");
        var report = StructuredPruner.Prune(model, options, statistics, gradients, context.Cancellation);
        foreach (var narrowed in report.Classes.Where(found => found.Kept.Count < found.Units))
            context.Reporter.Progress(Name, $"{narrowed.Name}: {narrowed.Kept.Count} of {narrowed.Units} kept");
        context.Reporter.Progress(Name, FormattableString.Invariant(
            $"MACs {report.Macs.Before:N0} became {report.Macs.After:N0}, bytes {report.Bytes.Before:N0} became {report.Bytes.After:N0}"));
        context.Cancellation.ThrowIfCancellationRequested();
        var result = new StageResult(folder, "");
        model.Save(result.Model, externalData: true);
        (before with { Warnings = warnings }).With(edits => edits with { Structured = [.. report.Classes.Select(Describe)] }).Save(result.Layers);
    }

    private static WeightGradients? Gradients(WorkContext context, OnnxModel model)
    {
        if (context.Recipe.Calibration is not { } data)
            return null;
        context.Reporter.Progress(Name, "collecting gradients");
        return GradientCollector.Collect(model, WeightSites.Find(model), CalibrationReader.Read(model, data), context.Threads, context.Cancellation);
    }

    private static ArtifactDimension Describe(ClassReport report) =>
        new(report.Name, report.Units, report.Kept.Count < report.Units ? report.Kept : null, report.Reason);
}
