using PruneBuild.Compression.Depth;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Transformers;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline;

/// <summary>Takes whole residual blocks out; independent of the target. Without that step its result is the dense parent.</summary>
internal static class DepthStage
{
    private const string Name = "depth";

    /// <summary>The model that the next stage starts from.</summary>
    public static StageResult Run(WorkContext context)
    {
        var source = SourceStage.Run(context);
        if (context.Recipe is not { Depth: { } step, Calibration: { } data })
            return source;
        var key = context.Key(Name).Add("source", source.Key).AddOptions(context.Recipe, "depth.").AddData(context, data);
        return context.Make(Name, key, keep: 4, working => Make(context, source, step, data, working));
    }

    private static void Make(WorkContext context, StageResult source, DepthStep step, CalibrationData data, string folder)
    {
        using var model = OnnxModel.Load(source.Model);
        FiniteWeights.Require(model);
        var blocks = TransformerView.ResidualBlocks(model);
        if (blocks.Count <= step.Blocks)
            throw step.At.Error("PB3021", context.Request.Model, $"it has {blocks.Count} residual blocks, {step.Blocks} of which are to go");
        context.Reporter.Progress(Name, step.By == DepthStep.Influence ? "measuring the influence of residual blocks" : "searching the blocks that cost the least loss");
        var found = step.By == DepthStep.Influence ? ByInfluence(context, model, blocks, step, data) : ByLoss(context, model, step, data, folder);
        var removed = BlockRemoval.RemoveAll(model, found.Select(block => block.Name)).ToHashSet(StringComparer.Ordinal);
        found = found.FindAll(block => removed.Contains(block.Name));
        foreach (var block in found)
            context.Reporter.Progress(Name, FormattableString.Invariant($"{block.Name} is gone: {(block.Loss is { } loss ? $"loss {loss:0.####}" : $"influence {block.Influence:0.####}")}"));
        context.Cancellation.ThrowIfCancellationRequested();
        var result = new StageResult(folder, "");
        model.Save(result.Model, externalData: true);
        LayerFile.Before(source).With(edits => edits with { Depth = found }).Save(result.Layers);
    }

    private static List<ArtifactRemovedBlock> ByLoss(WorkContext context, OnnxModel model, DepthStep step, CalibrationData data, string folder)
    {
        var options = new BlockSearchOptions
        {
            Count = step.Blocks,
            Candidates = step.Candidates,
            Loss = new ModelLoss { Tokens = data is TokenCalibration tokens ? LanguageInputs.Of(model, tokens).Tokens : null },
            Threads = context.Threads,
            ScratchFolder = folder,
        };
        var report = BlockSearch.Find(model, context.Request.Model, CalibrationReader.Read(model, data), options, context.Cancellation);
        return [.. report.Removed.Select(block => new ArtifactRemovedBlock(block.Output, Loss: block.Loss))];
    }

    private static List<ArtifactRemovedBlock> ByInfluence(
        WorkContext context, OnnxModel model, IReadOnlyList<ResidualBlock> blocks, DepthStep step, CalibrationData data)
    {
        var influence = BlockInfluence.Measure(
            model, context.Request.Model, blocks, CalibrationReader.Read(model, data), context.Threads, context.Cancellation);
        return [.. Enumerable.Range(0, blocks.Count).OrderBy(index => influence[index]).Take(step.Blocks)
            .Select(index => new ArtifactRemovedBlock(blocks[index].Output, Influence: influence[index]))];
    }
}
