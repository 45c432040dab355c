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

    /// <summary>
    /// Statistics of the model that is quantized, which those of 4 bits come from twice: for dense layers here, for sparse ones once their kernel
    /// is known. Null where the method needs none.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="model">That model; with groups, its batch normalization is folded.</param>
    /// <param name="warnings">Receives warnings.</param>
    internal static CalibrationStatistics? Statistics(WorkContext context, OnnxModel model, ICollection<Diagnostic> warnings)
    {
        if (Data(context) is not { } data || context.Recipe.Quantize is not { } step)
            return null;
        var pruned = TrainStage.Run(context);
        return step.Groups is not { } groups ? CalibrateStage.Run(context, pruned, model, data, warnings)
            : GroupQuantizers.Get(groups.Method).NeedsStatistics ? CalibrateStage.Run(context, pruned with { Key = $"{pruned.Key} folded" }, model, data, warnings)
            : null;
    }

    private static CalibrationData? Data(WorkContext context) => context.Recipe.Quantize is { Groups: null, Compensates: false } ? null : context.Recipe.Calibration;

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
                ? InGroups(context, model, groups, skip, layers, progress, folder)
                : PerOutput(context, model, skip, layers, progress);
        }
        var result = new StageResult(folder, "");
        model.Save(result.Model, externalData: true);
        layers.Save(result.Layers);
    }

    private static LayerFile PerOutput(WorkContext context, OnnxModel model, string[] skip, LayerFile layers, LayerProgressLine progress)
    {
        var warnings = new List<Diagnostic>(layers.Warnings);
        var options = new QuantizeOptions { Skip = skip, Statistics = Statistics(context, model, warnings), Threads = context.Threads };
        var reports = ModelQuantizer.Quantize(model, options, progress, context.Cancellation);
        return (layers with { Warnings = warnings }).With(reports.Select(report => (report.Name, report.Reason)));
    }

    private static LayerFile InGroups(
        WorkContext context, OnnxModel model, GroupStep groups, string[] skip, LayerFile layers, LayerProgressLine progress, string folder)
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
        var reports = GroupModelQuantizer.Quantize(model, options, Statistics(context, model, warnings), progress, context.Cancellation);
        return (layers with { Warnings = warnings }).With(reports.Select(report => (report.Name, report.Reason)));
    }
}
