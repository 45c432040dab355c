using Newtonsoft.Json;
using PruneBuild.Compression.Quantization;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline;

/// <summary>Measures what every weight costs the pruned model in fewer bits. Independent of target and budget: another budget reads it back.</summary>
internal static class SensitivityStage
{
    private const string Name = "sensitivity";
    private const string FileName = "sensitivity.json";
    private const string OfChoice = "quantize.mixed";

    public static (StageResult Stage, IReadOnlyList<WeightSensitivity> Weights) Run(WorkContext context, StageResult pruned, MixedStep step)
    {
        var data = context.Recipe.Calibration!;
        var key = context.Key(Name).Add("pruned", pruned.Key).AddData(context, data).Add("precisions", string.Join(",", step.Precisions));
        foreach (var (name, value) in context.Recipe.Describe())
        {
            if (name.StartsWith("quantize.", StringComparison.Ordinal) && !name.StartsWith(OfChoice, StringComparison.Ordinal))
                key.Add(name, value);
        }
        var stage = context.Make(Name, key, keep: 4, working => Make(context, pruned, step, data, working));
        return (stage, JsonConvert.DeserializeObject<List<WeightSensitivity>>(File.ReadAllText(Path.Combine(stage.Folder, FileName)))!);
    }

    private static void Make(WorkContext context, StageResult pruned, MixedStep step, CalibrationData data, string folder)
    {
        using var model = OnnxModel.Load(pruned.Model);
        LayerNameCheck.Run(model, context.Recipe.Quantize!.NamedLayers);
        BatchNormFolding.Fold(model);
        var options = new MixedOptions
        {
            Groups = GroupQuantization.Options(context),
            Precisions = [.. MixedStep.Known.Where(known => step.Precisions.Contains(known.Name)).Select(known => known.Precision)],
        };
        // Quantization repeats what calibration has to say.
        var statistics = GroupQuantization.Statistics(context, pruned, model, options.Groups, new List<Diagnostic>());
        context.Reporter.Progress(Name, "measuring what each weight costs in fewer bits");
        var batches = CalibrationReader.Read(model, data).Take(PruneStage.MeasuredBatches);
        var weights = PrecisionSensitivity.Measure(
            model, context.Request.Model, options, batches, statistics, new LayerProgressLine(context.Reporter, Name), context.Cancellation);
        File.WriteAllText(Path.Combine(folder, FileName), JsonConvert.SerializeObject(weights, Formatting.Indented));
    }
}
