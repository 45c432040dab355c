using PruneBuild.Compression.Quantization;
using PruneBuild.Graph;

namespace PruneBuild.Pipeline;

/// <summary>Stores the weights as int8 with one scale an output; independent of the target.</summary>
internal static class QuantizeStage
{
    private const string Name = "quantize";

    public static StageResult Run(WorkContext context)
    {
        var pruned = TrainStage.Run(context);
        var key = context.Key(Name).Add("pruned", pruned.Key).AddOptions(context.Recipe, "quantize.");
        return context.Make(Name, key, keep: 4, working => Make(context, pruned, working));
    }

    private static void Make(WorkContext context, StageResult pruned, string folder)
    {
        using var model = OnnxModel.Load(pruned.Model);
        var layers = LayerFile.Load(pruned.Layers);
        if (context.Recipe.Quantize is { } step)
        {
            LayerNameCheck.Run(model, step.Skip);
            var progress = new LayerProgressLine(context.Reporter, Name);
            layers = layers.With(ModelQuantizer.Quantize(model, new QuantizeOptions { Skip = [.. step.Skip.Select(layer => layer.Name)] }, progress, context.Cancellation));
        }
        var result = new StageResult(folder, "");
        model.Save(result.Model, externalData: true);
        layers.Save(result.Layers);
    }
}
