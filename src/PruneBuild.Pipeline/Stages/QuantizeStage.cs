using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Quantization;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline;

/// <summary>Stores the weights in fewer bits; independent of the target.</summary>
internal static class QuantizeStage
{
    /// <summary>
    /// File with the model before its weights were quantized in groups: sparse kernels share scales in another way and pack from it.
    /// </summary>
    public const string Unquantized = "float.onnx";

    private const string Name = "quantize";

    public static StageResult Run(WorkContext context)
    {
        var pruned = TrainStage.Run(context);
        var key = context.Key(Name).Add("pruned", pruned.Key).AddOptions(context.Recipe, "quantize.");
        if (Data(context) is { } data)
            key.AddData(context, data);
        return context.Make(Name, key, keep: 4, working => Make(context, pruned, working));
    }

    private static CalibrationData? Data(WorkContext context) => context.Recipe.Quantize?.Groups is null ? null : context.Recipe.Calibration;

    private static void Make(WorkContext context, StageResult pruned, string folder)
    {
        using var model = OnnxModel.Load(pruned.Model);
        var layers = LayerFile.Load(pruned.Layers);
        if (context.Recipe.Quantize is { } step)
        {
            LayerNameCheck.Run(model, step.NamedLayers);
            var progress = new LayerProgressLine(context.Reporter, Name);
            string[] skip = [.. step.Skip.Select(layer => layer.Name)];
            layers = step.Groups is { } groups
                ? InGroups(context, pruned, model, groups, skip, layers, progress, folder)
                : layers.With(ModelQuantizer.Quantize(model, new QuantizeOptions { Skip = skip }, progress, context.Cancellation)
                    .Select(report => (report.Name, report.Reason)));
        }
        var result = new StageResult(folder, "");
        model.Save(result.Model, externalData: true);
        layers.Save(result.Layers);
    }

    private static LayerFile InGroups(
        WorkContext context, StageResult pruned, OnnxModel model, GroupStep groups, string[] skip, LayerFile layers, LayerProgressLine progress, string folder)
    {
        var options = new GroupQuantizeOptions
        {
            Format = new GroupFormat(4, groups.Size, groups.IsSymmetric),
            Method = GroupQuantizers.Get(groups.Method),
            AccuracyLevel = groups.AccuracyLevel,
            ProtectFirstLast = groups.ProtectFirstLast,
            EightBit = [.. groups.EightBit.Select(layer => layer.Name)],
            Skip = skip,
            Threads = context.Threads,
        };
        // What batch normalization multiplies belongs to the weights whose range is looked for.
        BatchNormFolding.Fold(model);
        model.Save(Path.Combine(folder, Unquantized), externalData: true);
        var warnings = new List<Diagnostic>(layers.Warnings);
        CalibrationStatistics? statistics = options.Method.NeedsStatistics && Data(context) is { } data
            ? CalibrateStage.Run(context, pruned with { Key = $"{pruned.Key} folded" }, model, data, warnings) : null;
        var reports = GroupModelQuantizer.Quantize(model, options, statistics, progress, context.Cancellation);
        return (layers with { Warnings = warnings }).With(reports.Select(report => (report.Name, report.Reason)));
    }
}
