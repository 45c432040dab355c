using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Drift;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Transformers;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline;

/// <summary>
/// Measures how far the numbers of the pruned and quantized model are from its dense parent's, on calibration data; independent of the
/// target, for the kernels of a target come later. Its gates are judged anew without running a model.
/// </summary>
internal static class DriftStage
{
    private const string Name = "drift";

    /// <summary>Batches that are compared; the parent's inner values of all of them wait on disk.</summary>
    private const int MeasuredBatches = 4;

    private const int MostPrompts = 8;
    private const int MostPromptTokens = 16;
    private const int MostNewTokens = 16;

    /// <summary>The folder with <c>drift.json</c>; null where the recipe does not ask.</summary>
    public static StageResult? Run(WorkContext context)
    {
        if (context.Recipe is not { Drift: { } step, Calibration: { } data })
            return null;
        var pruned = TrainStage.Run(context);
        var quantized = QuantizeStage.Run(context);
        var parent = Parent(context);
        var alone = step.Interaction ? QuantizeStage.Of(context, parent.Stage) : null;
        var key = context.Key(Name).Add("parent", parent.Stage.Key).Add("pruned", pruned.Key).Add("quantized", quantized.Key).Add("alone", alone?.Key).AddData(context, data);
        try
        {
            return context.Make(Name, key, keep: 4, working => new DriftRun(context, parent, data).Measure(pruned, quantized, alone).Save(Path.Combine(working, DriftReport.FileName)));
        }
        catch (PruneBuildException exception) when (exception.Code == "PB7005")
        {
            throw exception.At(step.At.File, step.At.Line, step.At.Column);
        }
    }

    /// <summary>What was measured, and what the gates say of it.</summary>
    public static (DriftReport? Report, IReadOnlyList<Diagnostic> Diagnostics) Judge(WorkContext context)
    {
        if (Run(context) is not { } stage)
            return (null, []);
        var report = DriftReport.Load(Path.Combine(stage.Folder, DriftReport.FileName));
        return (report, [.. DriftGates.Check(context.Recipe.Drift!, report.Both)]);
    }

    /// <summary>What is compared with: the dense parent, in the order of the pruned model where that differs.</summary>
    private static DriftParent Parent(WorkContext context)
    {
        var source = SourceStage.Run(context);
        if (!ModelTraining.MovesChannels(context.Recipe))
            return new DriftParent(source, "dense parent", null);
        // What was removed before channels moved is in neither order.
        if (StructureStage.Run(context).Folder.Length > 0)
            return new DriftParent(source, "dense parent", "channels were moved after others had been removed");
        var pruned = PruneStage.Run(context);
        return new DriftParent(
            new StageResult("", $"{pruned.Key} parent") { Model = Path.Combine(pruned.Folder, ModelTraining.AlignedParent) }, "dense parent, its channels as pruning moved them", null);
    }

    /// <summary>What is compared with.</summary>
    /// <param name="Stage">The model.</param>
    /// <param name="Description">For people.</param>
    /// <param name="Reason">Why inner values and layers cannot be compared, or null.</param>
    private sealed record DriftParent(StageResult Stage, string Description, string? Reason);

    /// <summary>One run over all models.</summary>
    private sealed class DriftRun(WorkContext context, DriftParent parent, CalibrationData data)
    {
        public DriftReport Measure(StageResult pruned, StageResult quantized, StageResult? alone)
        {
            context.Reporter.Progress(Name, "measuring the drift from the dense parent");
            using var model = OnnxModel.Load(parent.Stage.Model);
            using var weights = OnnxModel.Load(parent.Stage.Model);
            var statistics = parent.Reason is null ? Statistics(weights) : null;
            using var meter = new DriftMeter(
                model, context.Request.Model, CalibrationReader.Read(model, data).Take(MeasuredBatches), Blocks(model), context.Threads, context.Cancellation);
            var continued = Continue(model);
            ModelDrift One(StageResult stage)
            {
                using var edited = OnnxModel.Load(stage.Model);
                var drift = meter.Measure(edited, cancellation: context.Cancellation);
                var others = continued is null ? null : Continue(edited);
                if (context.Recipe.Quantize is { FoldsBatchNorm: true })
                    BatchNormFolding.Fold(edited);
                return drift with
                {
                    Blocks = parent.Reason is null ? drift.Blocks : [.. drift.Blocks.Select(block => block with { Cosine = null, RelativeError = null, Reason = parent.Reason })],
                    Layers = parent.Reason is null ? LayerComparison.Measure(weights, edited, statistics, context.Threads, context.Cancellation) : [],
                    Generation = others is null ? null : GenerationDrift.Of(continued!, others),
                };
            }
            var both = One(quantized);
            var pruning = context.Recipe.Quantize is null ? null : One(pruned);
            var quantization = alone is null ? null : One(alone);
            context.Reporter.Progress(Name, FormattableString.Invariant(
                $"output error {both.Logits.RelativeError:0.####}{(both.Logits.Kl is { } kl ? $", divergence {kl:0.#####} nats, same answers {both.Logits.Top1:0.####}" : "")}{(both.BlockCosine is { } cosine ? $", worst block cosine {cosine:0.####}" : "")}"));
            return new DriftReport(parent.Description, both)
            {
                Pruning = pruning,
                Quantization = quantization,
                Interaction = quantization is null ? null : Interactions.Of(pruning ?? both, quantization, both),
            };
        }

        /// <summary>Of the parent, folded where quantization folds.</summary>
        private CalibrationStatistics Statistics(OnnxModel weights)
        {
            var source = parent.Stage;
            if (context.Recipe.Quantize is { FoldsBatchNorm: true })
            {
                BatchNormFolding.Fold(weights);
                source = GroupQuantization.Folded(source);
            }
            return CalibrateStage.Run(context, source, weights, data, new List<Diagnostic>());
        }

        /// <summary>The residual blocks, or in a model without any its layers.</summary>
        private static List<string> Blocks(OnnxModel model)
        {
            var residual = TransformerView.ResidualBlocks(model).Select(block => block.Output).ToList();
            return residual.Count > 0 ? residual : [.. WeightSites.Find(model).Select(site => site.OutputName).Distinct()];
        }

        /// <summary>Continuations of the first texts; null where the model continues none of any length.</summary>
        private IReadOnlyList<long[]>? Continue(OnnxModel model)
        {
            if (data is not TokenCalibration tokens || LanguageInputs.Of(model, tokens) is not { } inputs || !GreedyDecoding.CanContinue(model, inputs.Tokens))
                return null;
            var length = Math.Min(MostPromptTokens, tokens.Length / 2);
            var prompts = CalibrationReader.Read(model, data).SelectMany(batch => Windows(batch.Inputs[inputs.Tokens].Data, tokens.Length)).Take(MostPrompts)
                .Select(window => window[..length]).ToList();
            return GreedyDecoding.Continue(
                model, context.Request.Model, inputs.Batch, prompts, Math.Min(MostNewTokens, tokens.Length - length), context.Threads, context.Cancellation);
        }

        private static IEnumerable<long[]> Windows(Array tokens, int length) =>
            (tokens as long[] ?? Array.ConvertAll((int[])tokens, token => (long)token)).Chunk(length);
    }
}
