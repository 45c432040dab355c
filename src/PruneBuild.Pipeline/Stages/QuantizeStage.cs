using System.Globalization;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Quantization;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline;

/// <summary>
/// Stores the weights in fewer bits, and the activations as bytes where the recipe says so. It depends on one fact of the target alone: weights that meet
/// bytes have 7 bits where the target's products of bytes saturate.
/// </summary>
internal static class QuantizeStage
{
    /// <summary>
    /// File with the model that sparse kernels are packed from where it is another one: before its weights were quantized in groups, or with activations
    /// that are float still.
    /// </summary>
    public const string Unquantized = "float.onnx";

    private const string Name = "quantize";

    public static StageResult Run(WorkContext context)
    {
        var pruned = TrainStage.Run(context);
        var key = context.Key(Name).Add("pruned", pruned.Key).AddOptions(context.Recipe, "quantize.");
        if (Data(context) is { } data)
            key.AddData(context, data);
        if (context.Recipe.Quantize?.Activations is not null)
            key.Add("weightBits", WeightBits(context).ToString(CultureInfo.InvariantCulture));
        return context.Make(Name, key, keep: 4, working => Make(context, pruned, working));
    }

    private static CalibrationData? Data(WorkContext context) =>
        context.Recipe.Quantize is { Groups: not null } or { Activations: { IsStatic: true } or { Smooth: not null } } ? context.Recipe.Calibration : null;

    private static int WeightBits(WorkContext context) =>
        context.Recipe.Quantize is not { } step ? 8 : step.WeightBits ?? (step.Activations is not null && context.Device.SaturatesInt8 ? 7 : 8);

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
                : WithActivations(context, model, step.Activations, new QuantizeOptions { Bits = WeightBits(context), Skip = skip }, layers, progress, folder);
        }
        var result = new StageResult(folder, "");
        model.Save(result.Model, externalData: true);
        layers.Save(result.Layers);
    }

    private static LayerFile WithActivations(
        WorkContext context, OnnxModel model, ActivationStep? activations, QuantizeOptions weights, LayerFile layers, LayerProgressLine progress, string folder)
    {
        if (activations is null || Data(context) is not { } data)
            return layers.With(Refusals(ModelQuantizer.Quantize(model, weights, progress, context.Cancellation)));
        // What batch normalization multiplies belongs to the weights, and what it adds to the bias.
        BatchNormFolding.Fold(model);
        var options = new StaticQuantizeOptions
        {
            Weights = weights,
            Method = RangeMethods.Get(activations.Calibrate),
            Ranges = new RangeOptions(activations.IsSymmetric, activations.Percentile),
            Smooth = activations.Smooth,
            BiasCorrection = activations.BiasCorrection,
            Threads = context.Threads,
        };
        var run = new StaticQuantizer(model, context.Request.Model, options, () => CalibrationReader.Read(model, data)) { Cancellation = context.Cancellation };
        var smoothed = run.Smooth();
        var reports = activations.IsStatic
            ? run.Quantize(ready => ready.Save(Path.Combine(folder, Unquantized), externalData: true), progress)
            : ModelQuantizer.Quantize(model, weights, progress, context.Cancellation);
        return layers.With(Refusals(reports)).With(edits => smoothed.Count == 0 ? edits : edits with
        {
            Redistributions =
            [
                .. edits.Redistributions ?? [],
                .. smoothed.Select(group => new ArtifactRedistribution(StaticQuantizer.Smoothing, group.Name, group.Units, group.Reason)),
            ],
        });
    }

    private static IEnumerable<(string Name, string? Reason)> Refusals(IEnumerable<QuantizeReport> reports) => reports.Select(report => (report.Name, report.Reason));

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
