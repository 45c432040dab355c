using System.Globalization;
using Newtonsoft.Json;
using PruneBuild.Graph;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline;

/// <summary>Chooses the kernel of every layer for the target and rewrites the graph for it.</summary>
internal static class SelectStage
{
    private const string Name = "select";

    public static StageResult Run(WorkContext context)
    {
        var device = context.Device;
        var quantized = QuantizeStage.Run(context);
        var key = context.Key(Name)
            .Add("quantized", quantized.Key)
            .Add("rid", context.Request.Rid)
            .Add("device", JsonConvert.SerializeObject(device))
            .Add("batch", context.Recipe.Batch.ToString(CultureInfo.InvariantCulture))
            .Add("attention", context.Recipe.Attention.ToString())
            .Add("confirm", context.Recipe.ConfirmKernels ? "true" : "false");
        return context.Make(Name, key, keep: 8, working => Make(context, quantized, device, working));
    }

    private static void Make(WorkContext context, StageResult quantized, Device device, string folder)
    {
        context.Reporter.Progress(Name, $"choosing kernels for {device.Id}");
        var step = context.Recipe.Quantize;
        var (inGroups, isStatic) = (step?.Groups is not null, step?.Activations is { IsStatic: true });
        using var model = OnnxModel.Load(inGroups || isStatic ? Path.Combine(quantized.Folder, QuantizeStage.Unquantized) : quantized.Model);
        using var dense = inGroups || isStatic ? OnnxModel.Load(quantized.Model) : null;
        // Its warnings were the quantize stage's.
        var sparse = inGroups
            ? new SparseLevels(
                PackedWeightsFile.Load(TrainStage.Run(context).Folder), QuantizeStage.SparseStatistics(context, quantized, model), GroupQuantization.Options(context),
                context.Cancellation)
            : null;
        var options = new LoweringOptions
        {
            BatchSize = context.Recipe.Batch,
            Confirm = context.Recipe.ConfirmKernels,
            GroupQuantized = inGroups ? dense : null,
            StaticQuantized = isStatic ? dense : null,
            RequireDynamicInt8 = step?.Activations is { IsStatic: false },
            StoreHalf = step?.Store == QuantizeStep.Half,
            Pack = sparse is null ? null : sparse.Pack,
        };
        var layers = ModelLowering.Lower(model, device, options);
        foreach (var layer in layers)
            context.Reporter.Progress(Name, $"{layer.Name}: {layer.Kernel}; {layer.Reason}");
        foreach (var line in AttentionLowering.Lower(model, context.Recipe.Attention))
            context.Reporter.Progress(Name, line);
        var result = new StageResult(folder, "");
        model.Save(result.Model, externalData: true);
        File.WriteAllText(result.Layers, JsonConvert.SerializeObject(layers, Formatting.Indented));
    }
}
