using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Training;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Dimensions;

namespace PruneBuild.Compression.Structured;

/// <summary>Removes whole channels and neurons: the model becomes smaller and stays dense.</summary>
public static class StructuredPruner
{
    /// <summary>Prunes every class of channels and neurons that weights make and read. Attention heads are not touched.</summary>
    /// <param name="model">Edited.</param>
    /// <param name="options">How.</param>
    /// <param name="statistics">Of the dense model; null when neither criterion nor recovery needs them.</param>
    /// <param name="gradients">Of the dense model; null when the criterion does not need them.</param>
    /// <param name="cancellation">Observed between layers; the model is half edited then.</param>
    /// <exception cref="PruneBuildException">
    /// PB1014: the budget is outside 0 to 1. PB3021: no class can be pruned. PB3022: the budget
    /// is below what the narrowest widths leave. PB3003: statistics or gradients are missing.
    /// </exception>
    public static StructuredReport Prune(
        OnnxModel model, StructuredOptions options, CalibrationStatistics? statistics = null, WeightGradients? gradients = null,
        CancellationToken cancellation = default)
    {
        if (options.Budget.Remaining is not (> 0 and <= 1))
            throw new PruneBuildException("PB1014", options.Budget.Remaining);
        if (statistics is null && (options.Criterion.NeedsStatistics || options.Recovery != RecoveryMethod.None))
            throw new PruneBuildException("PB3003", options.Criterion.NeedsStatistics ? options.Criterion.Name : options.Recovery.Name());
        if (gradients is null && options.Criterion.NeedsGradients)
            throw new PruneBuildException("PB3003", options.Criterion.Name);
        var before = (Macs: ModelCost.Macs(model).Values.Sum(), model.WeightBytes);
        var sites = WeightSites.Find(model);
        var all = DimensionClosure.Analyze(model).Where(found => found.Producers.Count > 0 && found.Consumers.Count > 0)
            .Select(found => CoupledUnits.Of(model, found, sites, statistics, gradients)).ToList();
        var scored = all.ConvertAll(units => (Units: units, Refusal: Refusal(units, options), Scores: (double[]?)null));
        for (var index = 0; index < scored.Count; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (units, refusal, _) = scored[index];
            var scores = refusal is null ? options.Criterion.Score(units) : null;
            scored[index] = (units, refusal ?? (scores is null ? NothingKnown(options.Criterion) : null), scores);
        }

        var prunable = scored.Where(entry => entry.Refusal is null).ToList();
        if (prunable.Count == 0)
            throw new PruneBuildException("PB3021", model.SourceFiles is [var path, ..] ? path : model.Graph.Name, Reasons(scored.Select(entry => (entry.Units.Class.Name, entry.Refusal!))));
        var widths = Widths(model, [.. prunable.Select(entry => (entry.Units, entry.Scores!))], options, cancellation);
        var chosen = prunable.Zip(widths, (entry, width) => new DimensionSelection(
            entry.Units.Class, [.. UnitOrdering.Descending(entry.Scores!).Take(width).Order()])).ToList();
        var refused = UnitRemoval.Remove(model, [.. prunable.Select(entry => entry.Units)], chosen, sites, statistics, options, cancellation, out var readers);

        var reports = scored.Select(entry =>
        {
            var selection = chosen.Find(selection => ReferenceEquals(selection.Class, entry.Units.Class));
            var reason = entry.Refusal ?? refused.GetValueOrDefault(entry.Units.Class);
            return new ClassReport(entry.Units.Class.Name, entry.Units.Class.Size,
                reason is null ? selection!.Units : [.. Enumerable.Range(0, entry.Units.Class.Size)], reason);
        }).ToList();
        return new StructuredReport(reports, readers, (before.Macs, ModelCost.Macs(model).Values.Sum()), (before.WeightBytes, model.WeightBytes));
    }

    private static IReadOnlyList<int> Widths(
        OnnxModel model, IReadOnlyList<(CoupledUnits Units, double[] Scores)> scored, StructuredOptions options, CancellationToken cancellation)
    {
        IReadOnlyList<CoupledUnits> classes = [.. scored.Select(entry => entry.Units)];
        if (options.Widths == WidthRule.Uniform)
            return WidthPlan.Uniform(model, classes, options);
        var curves = scored.Select(entry =>
        {
            cancellation.ThrowIfCancellationRequested();
            var order = UnitOrdering.Descending(entry.Scores);
            return UnitSums.Total(order.Count + 1, entry.Units.Consumers.Select(reader => RemovalCurve.Of(reader, order, options.Ridge)));
        }).ToList();
        return WidthPlan.ByError(model, classes, curves, options);
    }

    private static string Reasons(IEnumerable<(string Name, string Reason)> refusals) =>
        refusals.Select(refusal => $"{refusal.Name}: {refusal.Reason}").DefaultIfEmpty("no weight makes a dimension that another one reads").Aggregate((all, one) => $"{all}; {one}");

    internal static string NothingKnown(IUnitCriterion criterion) =>
        $"{criterion.Name} has no {(criterion.NeedsGradients ? "gradients" : "statistics")} of the layers around it";

    private static string? Refusal(CoupledUnits units, StructuredOptions options)
    {
        var found = units.Class;
        if (found.FrozenReason is not null || found.ReductionReason is not null)
            return found.FrozenReason ?? found.ReductionReason;
        if (found.InActivationProduct)
            return "attention heads are pruned as heads";
        if (units.Producers.Count == 0 || units.Consumers.Count == 0)
            return "a layer around it is not float or int8 in a form that is known";
        return units.Producers.Concat(units.Consumers).Any(site => options.Skip.Any(glob => LayerNames.Match(glob, site.Site)))
            ? "skipped by the recipe" : null;
    }
}
