using PruneBuild.Compression.Structured;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline;

/// <summary>Narrows the residual stream; independent of the target. Without that step its result is that of the stage before.</summary>
internal static class HiddenSizeStage
{
    private const string Name = "hidden-size";

    /// <summary>The model that the next stage starts from.</summary>
    public static StageResult Run(WorkContext context)
    {
        var source = DepthStage.Run(context);
        if (context.Recipe is not { HiddenSize: { } step, Calibration: { } data })
            return source;
        var key = context.Key(Name).Add("source", source.Key).AddOptions(context.Recipe, "hiddenSize.").AddData(context, data);
        return context.Make(Name, key, keep: 4, working => Make(context, source, step, data, working));
    }

    private static void Make(WorkContext context, StageResult source, HiddenSizeStep step, CalibrationData data, string folder)
    {
        using var model = OnnxModel.Load(source.Model);
        FiniteWeights.Require(model);
        context.Reporter.Progress(Name, "measuring the channels of the residual stream");
        var options = new HiddenSizeOptions { Remaining = step.Remaining, Align = step.Align, Threads = context.Threads, ScratchFolder = folder };
        var report = HiddenSizePruner.Prune(model, context.Request.Model, CalibrationReader.Read(model, data), options, context.Cancellation);
        context.Reporter.Progress(Name, $"{report.Kept.Count} of {report.Channels} channels stay");
        context.Cancellation.ThrowIfCancellationRequested();
        var result = new StageResult(folder, "");
        model.Save(result.Model, externalData: true);
        var reasons = report.Scales.Where(scale => scale.Reason is not null).Select(scale => $"{scale.Name}: {scale.Reason}").ToList();
        var kept = new ArtifactDimension("residual stream", report.Channels, report.Kept, reasons.Count == 0 ? null : string.Join("; ", reasons));
        LayerFile.Before(source).With(edits => edits with { HiddenSize = kept }).Save(result.Layers);
    }
}
