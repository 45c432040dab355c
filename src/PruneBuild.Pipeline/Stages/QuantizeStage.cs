using System.Globalization;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Quantization;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline;

/// <summary>
/// Stores the weights in fewer bits, and the activations as bytes where the recipe says so. It depends on two facts of the target alone: weights that meet
/// bytes have 7 bits where the target's products of bytes saturate, and mixed precisions may have to keep a time.
/// </summary>
internal static class QuantizeStage
{
    /// <summary>
    /// File with the model that sparse kernels are packed from where it is another one: before its weights were quantized in groups, or with activations
    /// that are float still.
    /// </summary>
    public const string Unquantized = "float.onnx";

    private const string Name = "quantize";

    public static StageResult Run(WorkContext context) => Of(context, TrainStage.Run(context));

    /// <summary>Any model quantized as the recipe says, with the precisions that were chosen for the pruned one.</summary>
    public static StageResult Of(WorkContext context, StageResult source)
    {
        var mixed = context.Recipe.Quantize?.Groups?.Mixed is null ? null : MixedStage.Run(context);
        var key = context.Key(Name).Add("pruned", source.Key).AddOptions(context.Recipe, "quantize.");
        if (Data(context) is { } data)
            key.AddData(context, data);
        if (context.Recipe.Quantize?.Activations is not null)
            key.Add("weightBits", WeightBits(context).ToString(CultureInfo.InvariantCulture));
        // Targets on which the same precisions keep a budget share the result.
        if (mixed is not null)
            key.Add("precisions", string.Join(",", mixed.Chosen.OrderBy(chosen => chosen.Key, StringComparer.Ordinal).Select(chosen => $"{chosen.Key}:{chosen.Value}")));
        return context.Make(Name, key, keep: 4, working => Make(context, source, mixed, working));
    }

    /// <summary>
    /// Statistics for the levels of sparse kernels, which are chosen once it is known who shares a scale: those of dense layers where inputs and
    /// weights are the same, others taken anew. Null where neither levels nor biases need them.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="quantized">The result of this stage, in groups.</param>
    /// <param name="model">Its <see cref="Unquantized"/> model.</param>
    internal static CalibrationStatistics? SparseStatistics(WorkContext context, StageResult quantized, OnnxModel model)
    {
        var options = GroupQuantization.Options(context);
        return context.Recipe.Quantize?.EmbeddingFormat is null && !options.Method.ScalesFirst
            ? GroupQuantization.Statistics(context, TrainStage.Run(context), model, options, [])
            : GroupQuantization.Statistics(context, quantized, model, options, [], "float");
    }

    private static CalibrationData? Data(WorkContext context) =>
        context.Recipe.Quantize is { FoldsBatchNorm: true } or { Compensates: true } or { BiasCorrection: true } ? context.Recipe.Calibration : null;

    private static int WeightBits(WorkContext context) =>
        context.Recipe.Quantize is not { } step ? 8 : step.WeightBits ?? (step.Activations is not null && context.Device.SaturatesInt8 ? 7 : 8);

    private static void Make(WorkContext context, StageResult source, MixedFile? mixed, string folder)
    {
        using var model = OnnxModel.Load(source.Model);
        var layers = LayerFile.Before(source);
        if (context.Recipe.Quantize is { } step)
            layers = new QuantizeRun(context, step, source, mixed, model, folder).Run(layers);
        var result = new StageResult(folder, "");
        model.Save(result.Model, externalData: true);
        layers.Save(result.Layers);
    }

    private sealed class QuantizeRun(WorkContext context, QuantizeStep step, StageResult source, MixedFile? mixed, OnnxModel model, string folder)
    {
        /// <summary>Batches that tell what rounded activations cost.</summary>
        private const int CheckedBatches = 4;

        private readonly List<Diagnostic> warnings = [];
        private readonly LayerProgressLine progress = new(context.Reporter, Name);
        private readonly string[] skip = [.. step.Skip.Select(layer => layer.Name)];
        private ArtifactQuantization told = new();
        private IReadOnlyList<ArtifactRedistribution> redistributions = [];

        public LayerFile Run(LayerFile layers)
        {
            var untied = step.EmbeddingFormat is null ? [] : TiedTables.Untie(model, skip);
            LayerNameCheck.Run(model, step.NamedLayers);
            if (UnreachedWeights.Find(model) is { Count: > 0 } unreached)
                told = told with { LeftAlone = [.. unreached.Select(left => new ArtifactLeftAlone(left.Name, left.Reason))] };
            var reports = step.Groups is not null ? InGroups(untied.Count > 0 ? "folded, untied" : "folded") : PerOutput();
            var result = (layers with { Warnings = [.. layers.Warnings, .. warnings] }).With(reports);
            if (redistributions.Count > 0)
                result = result.With(edits => edits with { Redistributions = [.. edits.Redistributions ?? [], .. redistributions] });
            if (mixed is not null)
                result = result.With(edits => edits with { Mixed = mixed.Report });
            return told == new ArtifactQuantization() ? result : result.With(edits => edits with { Quantization = told });
        }

        private List<(string Name, string? Reason)> PerOutput()
        {
            Embeddings(site => skip.Any(glob => Compression.LayerNames.Match(glob, site)));
            var weights = new QuantizeOptions { Bits = WeightBits(context), Skip = skip, Threads = context.Threads };
            if (Data(context) is not { } data)
                return Refusals(ModelQuantizer.Quantize(model, weights, progress, context.Cancellation));
            if (step.Activations is { } activations)
                return Refusals(WithActivations(activations, data, weights));
            var statistics = CalibrateStage.Run(context, source, model, data, warnings);
            weights = weights with { Statistics = step.Compensates ? statistics : null, BiasStatistics = step.BiasCorrection ? statistics : null };
            return Refusals(ModelQuantizer.Quantize(model, weights, progress, context.Cancellation));
        }

        private IReadOnlyList<QuantizeReport> WithActivations(ActivationStep activations, CalibrationData data, QuantizeOptions weights)
        {
            // What batch normalization multiplies belongs to the weights, and what it adds to the bias.
            BatchNormFolding.Fold(model);
            var options = new StaticQuantizeOptions
            {
                Weights = weights,
                Method = RangeMethods.Get(activations.Calibrate),
                Ranges = new RangeOptions(activations.IsSymmetric, activations.Percentile),
                Smooth = activations.Smooth,
                BiasCorrection = step.BiasCorrection,
                Threads = context.Threads,
            };
            var run = new StaticQuantizer(model, context.Request.Model, options, () => CalibrationReader.Read(model, data)) { Cancellation = context.Cancellation };
            redistributions = [.. run.Smooth().Select(group => new ArtifactRedistribution(StaticQuantizer.Smoothing, group.Name, group.Units, group.Reason))];
            return activations.IsStatic
                ? run.Quantize(ready => ready.Save(Path.Combine(folder, Unquantized), externalData: true), progress)
                : ModelQuantizer.Quantize(model, weights, progress, context.Cancellation);
        }

        private static List<(string Name, string? Reason)> Refusals(IEnumerable<QuantizeReport> reports) => [.. reports.Select(report => (report.Name, report.Reason))];

        private List<(string Name, string? Reason)> InGroups(string state)
        {
            var options = GroupQuantization.Options(context);
            // What batch normalization multiplies belongs to the weights whose range is looked for.
            BatchNormFolding.Fold(model);
            var statistics = GroupQuantization.Statistics(context, source, model, options, warnings, state);
            if (mixed is not null)
                return Mixed(mixed, options, statistics);
            if (options.Method.ScalesFirst)
                statistics = Scale(options, statistics);
            var batches = options.AccuracyLevel == 4 && Data(context) is { } cases ? CalibrationReader.Read(model, cases).Take(CheckedBatches).ToList() : [];
            var sites = WeightSites.Find(model);
            Embeddings(site => GroupModelQuantizer.BitsOf(model, site, sites, options) is null);
            model.Save(Path.Combine(folder, Unquantized), externalData: true);
            var reports = GroupModelQuantizer.Quantize(model, options, statistics, progress, context.Cancellation);
            CheckAccuracyLevel(batches);
            return [.. reports.Select(report => (report.Name, report.Reason))];
        }

        private List<(string Name, string? Reason)> Mixed(MixedFile chosen, GroupQuantizeOptions options, CalibrationStatistics? statistics)
        {
            // Sparse kernels share scales in another way than groups, but not in another way than outputs.
            var refused = MixedQuantizer.Channels(model, chosen.Chosen, options, statistics, context.Cancellation);
            model.Save(Path.Combine(folder, Unquantized), externalData: true);
            MixedQuantizer.Groups(model, chosen.Chosen, options, statistics, progress, context.Cancellation);
            var reasons = chosen.Report.Weights.ToDictionary(weight => weight.Layer, weight => weight.Reason, StringComparer.Ordinal);
            using var unquantized = OnnxModel.Load(Path.Combine(folder, Unquantized));
            return [.. WeightSites.Find(unquantized).Select(site => (site.Name, refused.GetValueOrDefault(site.Name) ?? reasons.GetValueOrDefault(site.Name)))];
        }

        private CalibrationStatistics? Scale(GroupQuantizeOptions options, CalibrationStatistics? statistics)
        {
            context.Reporter.Progress(Name, "scaling channels by their activations");
            var scaling = new ActivationAwareScaling(options);
            var (scaled, groups) = scaling.Apply(model, statistics, context.Cancellation);
            redistributions = [.. groups.Select(group => new ArtifactRedistribution(scaling.Name, group.Name, group.Units, group.Reason))];
            return scaled;
        }

        private void Embeddings(Predicate<WeightSite> staysFloat)
        {
            if (step.EmbeddingFormat is not { } format)
                return;
            var reports = EmbeddingQuantizer.Quantize(model, format, staysFloat, context.Threads, context.Cancellation);
            if (reports.Count > 0)
                told = told with { Embeddings = [.. reports.Select(report => new ArtifactEmbedding(report.Name, report.Rows, report.Features, report.Bits, report.Reason))] };
            if (reports.All(report => report.Reason is not null))
                warnings.Add(Diagnostic.Create("PB3036", Severity.Warning, reports.Count == 0 ? "the model looks up no rows of a float table" : string.Join("; ", reports.Select(report => $"'{report.Name}': {report.Reason}"))));
        }

        private void CheckAccuracyLevel(List<CalibrationBatch> batches)
        {
            if (AccuracyLevelCheck.Measure(model, context.Request.Model, batches, context.Threads, context.Cancellation) is not { } change)
                return;
            context.Reporter.Progress(Name, FormattableString.Invariant($"activations rounded to int8 change the output by {change:P2}"));
            told = told with { ActivationRounding = Math.Round(change, 6) };
            if (change > AccuracyLevelCheck.Most)
                warnings.Add(Diagnostic.Create("PB3035", Severity.Warning, change.ToString("P1", System.Globalization.CultureInfo.InvariantCulture)));
        }
    }
}
