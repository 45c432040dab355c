using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Structured;
using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline;

/// <summary>Removes key-value groups and neurons layer by layer; independent of the target. Without that step its result is that of the stage before.</summary>
internal static class TransformerStage
{
    private const string Name = "transformer";

    /// <summary>The model that the next stage starts from.</summary>
    public static StageResult Run(WorkContext context)
    {
        var source = HiddenSizeStage.Run(context);
        if (context.Recipe is not { Transformer: { } step, Calibration: { } data })
            return source;
        var key = context.Key(Name).Add("source", source.Key).AddOptions(context.Recipe, "transformer.").AddData(context, data);
        return context.Make(Name, key, keep: 4, working => Make(context, source, step, data, working));
    }

    private static void Make(WorkContext context, StageResult source, TransformerStep step, CalibrationData data, string folder)
    {
        using var model = OnnxModel.Load(source.Model);
        FiniteWeights.Require(model);
        context.Reporter.Progress(Name, $"removing {string.Join(" and ", step.Units)}");
        var options = new TransformerOptions
        {
            Ratio = step.Remove,
            Ratios = BlockRatioMethods.Get(step.LayerRatios),
            Heads = step.Units.Contains(TransformerStep.Heads),
            Neurons = step.Units.Contains(TransformerStep.Neurons),
            Criterion = UnitCriteria.Get(step.Criterion),
            Recovery = RecoveryMethods.Parse(step.Recovery),
            Align = step.Align,
            Threads = context.Threads,
        };
        var report = TransformerPruner.Prune(model, context.Request.Model, [.. CalibrationReader.Read(model, data)], options, context.Cancellation);
        foreach (var layer in report.Layers)
            context.Reporter.Progress(Name, $"{layer.Output}: {layer.Groups.After} of {layer.Groups.Before} groups, {layer.Neurons.After} of {layer.Neurons.Before} neurons");
        context.Cancellation.ThrowIfCancellationRequested();
        var result = new StageResult(folder, "");
        model.Save(result.Model, externalData: true);
        LayerFile.Before(source).With(edits => edits with { Transformer = [.. report.Layers.Select(Describe)] }).Save(result.Layers);
    }

    private static ArtifactTransformerLayer Describe(LayerWidth layer) =>
        new(layer.Output, layer.Ratio, layer.Groups.Before, layer.Groups.After, layer.Neurons.Before, layer.Neurons.After);
}
