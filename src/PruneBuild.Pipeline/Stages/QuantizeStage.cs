using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Quantization;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline;

/// <summary>Stores the weights in fewer bits; independent of the target unless that is what a budget is about.</summary>
internal static class QuantizeStage
{
    /// <summary>
    /// File with the model before its weights were quantized in groups: sparse kernels share scales in another way and pack from it.
    /// </summary>
    public const string Unquantized = "float.onnx";

    private const string Name = "quantize";

    public static StageResult Run(WorkContext context) => Of(context, TrainStage.Run(context));

    /// <summary>Any model quantized as the recipe says, with the precisions that were chosen for the pruned one.</summary>
    public static StageResult Of(WorkContext context, StageResult source)
    {
        var mixed = context.Recipe.Quantize?.Groups?.Mixed is null ? null : MixedStage.Run(context);
        var key = context.Key(Name).Add("pruned", source.Key).AddOptions(context.Recipe, "quantize.");
        if (Data(context) is { } data)
            key.AddData(context, data);
        // Targets on which the same precisions keep a budget share the result.
        if (mixed is not null)
            key.Add("precisions", string.Join(",", mixed.Chosen.OrderBy(chosen => chosen.Key, StringComparer.Ordinal).Select(chosen => $"{chosen.Key}:{chosen.Value}")));
        return context.Make(Name, key, keep: 4, working => Make(context, source, mixed, working));
    }

    private static CalibrationData? Data(WorkContext context) => context.Recipe.Quantize?.Groups is null ? null : context.Recipe.Calibration;

    private static void Make(WorkContext context, StageResult source, MixedFile? mixed, string folder)
    {
        using var model = OnnxModel.Load(source.Model);
        var layers = LayerFile.Before(source);
        if (context.Recipe.Quantize is { } step)
        {
            LayerNameCheck.Run(model, step.NamedLayers);
            var progress = new LayerProgressLine(context.Reporter, Name);
            layers = step.Groups is null
                ? layers.With(ModelQuantizer.Quantize(model, new QuantizeOptions { Skip = [.. step.Skip.Select(layer => layer.Name)] }, progress, context.Cancellation)
                    .Select(report => (report.Name, report.Reason)))
                : InGroups(context, source, model, mixed, layers, progress, folder);
        }
        var result = new StageResult(folder, "");
        model.Save(result.Model, externalData: true);
        layers.Save(result.Layers);
    }

    private static LayerFile InGroups(
        WorkContext context, StageResult source, OnnxModel model, MixedFile? mixed, LayerFile layers, LayerProgressLine progress, string folder)
    {
        var options = GroupQuantization.Options(context);
        // What batch normalization multiplies belongs to the weights whose range is looked for.
        BatchNormFolding.Fold(model);
        var warnings = new List<Diagnostic>(layers.Warnings);
        var statistics = GroupQuantization.Statistics(context, source, model, options, warnings);
        layers = layers with { Warnings = warnings };
        if (mixed is not null)
            return Mixed(context, model, mixed, options, statistics, layers, progress, folder);
        model.Save(Path.Combine(folder, Unquantized), externalData: true);
        return layers.With(GroupModelQuantizer.Quantize(model, options, statistics, progress, context.Cancellation).Select(report => (report.Name, report.Reason)));
    }

    private static LayerFile Mixed(
        WorkContext context, OnnxModel model, MixedFile mixed, GroupQuantizeOptions options, CalibrationStatistics? statistics,
        LayerFile layers, LayerProgressLine progress, string folder)
    {
        // Sparse kernels share scales in another way than groups, but not in another way than outputs.
        var refused = MixedQuantizer.Channels(model, mixed.Chosen, options, statistics, context.Cancellation);
        model.Save(Path.Combine(folder, Unquantized), externalData: true);
        MixedQuantizer.Groups(model, mixed.Chosen, options, statistics, progress, context.Cancellation);
        var reasons = mixed.Report.Weights.ToDictionary(weight => weight.Layer, weight => weight.Reason, StringComparer.Ordinal);
        using var unquantized = OnnxModel.Load(Path.Combine(folder, Unquantized));
        return layers.With(WeightSites.Find(unquantized).Select(site => (site.Name, refused.GetValueOrDefault(site.Name) ?? reasons.GetValueOrDefault(site.Name))))
            .With(edits => edits with { Mixed = mixed.Report });
    }
}
