using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline;

/// <summary>Trains the pruned model towards its dense parent; independent of the target. Without that step its result is the pruned model.</summary>
internal static class TrainStage
{
    private const string Name = "train";

    public static StageResult Run(WorkContext context)
    {
        var pruned = PruneStage.Run(context);
        if (context.Recipe is not { Train: { } step, Calibration: { } data })
            return pruned;
        var key = context.Key(Name).Add("pruned", pruned.Key).AddOptions(context.Recipe, "train.").AddData(context, data);
        return context.Make(Name, key, keep: 4, working => Make(context, pruned, step, data, working));
    }

    private static void Make(WorkContext context, StageResult pruned, TrainStep step, CalibrationData data, string folder)
    {
        var layers = LayerFile.Load(pruned.Layers);
        var warnings = new List<Diagnostic>(layers.Warnings);
        using var model = OnnxModel.Load(pruned.Model);
        using var teacher = OnnxModel.Load(ModelTraining.TeacherOf(context, pruned));
        var report = new ModelTraining(context, Name, step, data).Run(model, teacher, step.Steps, warnings);
        var result = new StageResult(folder, "");
        model.Save(result.Model, externalData: true);
        (layers with { Warnings = warnings }).With(edits => edits with { Training = [.. edits.Training ?? [], report] }).Save(result.Layers);
    }
}
