using System.Globalization;
using Newtonsoft.Json;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Quantization;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline;

/// <summary>The precisions that were chosen, on disk.</summary>
/// <param name="Chosen">By initializer.</param>
/// <param name="Report">What the manifest says about it.</param>
internal sealed record MixedFile(IReadOnlyDictionary<string, WeightPrecision> Chosen, ArtifactMixedPrecision Report);

/// <summary>Chooses a precision for every weight of the pruned model within the recipe's budget.</summary>
internal static class MixedStage
{
    private const string Name = "mixed";
    private const string FileName = "mixed.json";
    private const double NanosecondsPerMillisecond = 1e6;

    /// <summary>For outputs that are not finite: sums stay numbers, and everything else is better.</summary>
    private const double MostLoss = 1e30;

    /// <exception cref="PruneBuildException">PB3041 at the budget: nothing keeps it. PB3042: the target's times are unknown.</exception>
    public static MixedFile Run(WorkContext context)
    {
        var step = context.Recipe.Quantize!.Groups!.Mixed!;
        var pruned = TrainStage.Run(context);
        var (sensitivity, weights) = SensitivityStage.Run(context, pruned, step);
        var key = context.Key(Name).Add("sensitivity", sensitivity.Key).AddOptions(context.Recipe, "quantize.mixed");
        if (step.Unit == MixedUnit.Milliseconds)
            key.Add("device", JsonConvert.SerializeObject(context.Device)).Add("batch", context.Recipe.Batch.ToString(CultureInfo.InvariantCulture));
        var stage = context.Make(Name, key, keep: 8, working => Make(context, pruned, step, weights, working));
        return JsonConvert.DeserializeObject<MixedFile>(File.ReadAllText(Path.Combine(stage.Folder, FileName)))!;
    }

    private static void Make(WorkContext context, StageResult pruned, MixedStep step, IReadOnlyList<WeightSensitivity> weights, string folder)
    {
        using var model = OnnxModel.Load(pruned.Model);
        BatchNormFolding.Fold(model);
        var options = GroupQuantization.Options(context);
        var statistics = GroupQuantization.Statistics(context, pruned, model, options, new List<Diagnostic>());
        context.Reporter.Progress(Name, $"choosing precisions by {step.Search}");
        var costs = step.Unit == MixedUnit.Milliseconds ? PrecisionTimes.Of(context, model, weights, step) : null;
        IReadOnlyList<IReadOnlyList<PrecisionOption>> choices = [.. weights.Select(weight => weight.Options
            .Select(option => new PrecisionOption(option.Precision, costs?.Nanoseconds(weight, option.Precision) ?? option.Bytes, Math.Min(option.Kl, MostLoss))).ToList())];

        using var divergence = new OutputDivergence(
            model, context.Request.Model, CalibrationReader.Read(model, context.Recipe.Calibration!).Take(PruneStage.MeasuredBatches), context.Threads, context.Cancellation);
        double Measure(PrecisionAllocation allocation)
        {
            var copy = model.Snapshot();
            MixedQuantizer.Quantize(copy, Chosen(weights, allocation), options, statistics, context.Cancellation);
            return Math.Max(0, divergence.Of(copy, context.Cancellation));
        }
        var (found, measured) = Choose(step, choices, Measure);
        context.Cancellation.ThrowIfCancellationRequested();
        var report = Report(step, weights, choices, found, measured);
        File.WriteAllText(Path.Combine(folder, FileName), JsonConvert.SerializeObject(new MixedFile(Chosen(weights, found), report), Formatting.Indented));
        SensitivityReport.Save(folder, report);
        context.Reporter.Progress(Name, FormattableString.Invariant(
            $"{string.Join(", ", report.Weights.GroupBy(weight => weight.Bits).OrderBy(bits => bits.Key).Select(bits => $"{bits.Count()} weights of {bits.Key} bits"))}: {report.Bytes:N0} bytes, divergence {report.Kl:0.#####} nats"));
    }

    private static (PrecisionAllocation Allocation, double Measured) Choose(
        MixedStep step, IReadOnlyList<IReadOnlyList<PrecisionOption>> choices, Func<PrecisionAllocation, double> measure)
    {
        var search = PrecisionSearches.Get(step.Search);
        if (step.Unit == MixedUnit.Kl)
        {
            var found = MixedSearch.Until(search, choices, step.Most, measure);
            return found.Measured <= step.Most ? found : throw OutOfReach(step, found.Measured);
        }
        var most = step.Unit == MixedUnit.Milliseconds ? step.Most * NanosecondsPerMillisecond : step.Most;
        var allocation = search.Within(choices, most) ?? throw OutOfReach(step, Used(step, choices.Sum(options => options.Min(option => option.Cost)), 0));
        return (allocation, measure(allocation));
    }

    private static ArtifactMixedPrecision Report(
        MixedStep step, IReadOnlyList<WeightSensitivity> weights, IReadOnlyList<IReadOnlyList<PrecisionOption>> choices, PrecisionAllocation found, double measured) => new(
        step.Search, step.UnitName, step.Most, Used(step, PrecisionCost(choices, found), measured),
        weights.Select((weight, index) => weight.Options[found.Chosen[index]].Bytes).Sum(), Finite(measured), Finite(found.Loss),
        [.. weights.Select((weight, index) => new ArtifactWeightPrecision(
            weight.Layers[0], Bits(weight.Options[found.Chosen[index]].Precision),
            [.. weight.Options.Select(option => new ArtifactSensitivity(Bits(option.Precision), option.Bytes, Finite(option.Kl)))], weight.Reason))]);

    private static double PrecisionCost(IReadOnlyList<IReadOnlyList<PrecisionOption>> choices, PrecisionAllocation found) =>
        choices.Select((options, index) => options[found.Chosen[index]].Cost).Sum();

    private static Dictionary<string, WeightPrecision> Chosen(IReadOnlyList<WeightSensitivity> weights, PrecisionAllocation found) =>
        weights.Select((weight, index) => (weight.Weight, weight.Options[found.Chosen[index]].Precision)).ToDictionary(pair => pair.Weight, pair => pair.Precision, StringComparer.Ordinal);

    private static double Used(MixedStep step, double cost, double measured) => step.Unit switch
    {
        MixedUnit.Kl => measured,
        MixedUnit.Milliseconds => cost / NanosecondsPerMillisecond,
        _ => cost,
    };

    private static PruneBuildException OutOfReach(MixedStep step, double least) => step.At.Error("PB3041", Text(step, step.Most), Text(step, least));

    private static string Text(MixedStep step, double value) => step.Unit switch
    {
        MixedUnit.Bytes => string.Create(CultureInfo.InvariantCulture, $"{value:N0} bytes"),
        MixedUnit.Milliseconds => string.Create(CultureInfo.InvariantCulture, $"{value:0.####} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:0.######} nats"),
    };

    private static int Bits(WeightPrecision precision) => MixedQuantizer.BitsOf(precision) ?? 32;

    private static double? Finite(double value) => double.IsFinite(value) && value < MostLoss ? value : null;
}
