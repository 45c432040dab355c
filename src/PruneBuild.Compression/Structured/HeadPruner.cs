using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Training;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Dimensions;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Structured;

/// <summary>How to remove attention heads.</summary>
public sealed record HeadOptions
{
    /// <summary>Key-value groups to keep in every attention block, at least 1.</summary>
    public required int Groups { get; init; }

    /// <summary>How groups are scored; null for <see cref="HeadImportance"/>.</summary>
    public IUnitCriterion? Criterion { get; init; }

    /// <summary>What repairs the output projection.</summary>
    public RecoveryMethod Recovery { get; init; } = RecoveryMethod.Linear;

    /// <summary>λ of least squares as a fraction of the covariance's mean diagonal.</summary>
    public double Ridge { get; init; } = LeastSquaresRecovery.DefaultRidge;

    /// <summary>Most threads to use.</summary>
    public int Threads { get; init; } = 1;
}

/// <summary>
/// Removes whole key-value groups: a group's keys and values, all query heads that read them, and their columns of the output
/// projection. Chosen by <see cref="HeadImportance"/> with a group's heads taken together, or by a criterion of units summed over
/// a group's rows and columns (with gradients: Ma et al. 2023, "LLM-Pruner").
/// </summary>
public static class HeadPruner
{
    /// <summary>Prunes every attention block.</summary>
    /// <param name="model">Edited.</param>
    /// <param name="options">How.</param>
    /// <param name="statistics">Of the dense model; null when neither criterion nor recovery needs them.</param>
    /// <param name="gradients">Of the dense model; null when the criterion does not need them.</param>
    /// <param name="cancellation">Observed between blocks.</param>
    /// <exception cref="PruneBuildException">
    /// PB3021: the model has no attention block that is understood. PB3003: statistics or gradients are missing.
    /// </exception>
    public static StructuredReport Prune(
        OnnxModel model, HeadOptions options, CalibrationStatistics? statistics = null, WeightGradients? gradients = null,
        CancellationToken cancellation = default)
    {
        var choice = options.Criterion?.Name ?? "heads";
        if (statistics is null && (options.Criterion?.NeedsStatistics ?? true))
            throw new PruneBuildException("PB3003", choice);
        if (statistics is null && options.Recovery != RecoveryMethod.None)
            throw new PruneBuildException("PB3003", options.Recovery.Name());
        if (gradients is null && options.Criterion is { NeedsGradients: true })
            throw new PruneBuildException("PB3003", choice);
        var before = (Macs: ModelCost.Macs(model).Values.Sum(), model.WeightBytes);
        var sites = WeightSites.Find(model);
        var blocks = TransformerView.Attention(model).Select(block => CoupledUnits.Of(model, block.Groups, sites, statistics, gradients)).ToList();
        if (blocks.Count == 0)
            throw new PruneBuildException("PB3021", model.SourceFiles is [var path, ..] ? path : model.Graph.Name, "it has no attention block that is understood");
        var refused = new Dictionary<DimensionClass, string>(ReferenceEqualityComparer.Instance);
        var chosen = new List<DimensionSelection>();
        foreach (var units in blocks)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Keep(units, options, out var reason) is { } kept)
                chosen.Add(new DimensionSelection(units.Class, kept));
            else
                refused[units.Class] = reason;
        }
        var settings = new StructuredOptions { Recovery = options.Recovery, Ridge = options.Ridge, Threads = options.Threads };
        var left = UnitRemoval.Remove(model, blocks, chosen, sites, statistics, settings, cancellation, out var readers);
        foreach (var (found, why) in left)
            refused[found] = why;
        return new StructuredReport(
            [.. blocks.Select(units => new ClassReport(units.Class.Name, units.Class.Size,
                refused.ContainsKey(units.Class) ? [.. Enumerable.Range(0, units.Class.Size)] : chosen.First(selection => ReferenceEquals(selection.Class, units.Class)).Units,
                refused.GetValueOrDefault(units.Class)))],
            readers, (before.Macs, ModelCost.Macs(model).Values.Sum()), (before.WeightBytes, model.WeightBytes));
    }

    /// <summary>The groups to keep, ascending, or null and why nothing is removed.</summary>
    private static IReadOnlyList<int>? Keep(CoupledUnits units, HeadOptions options, out string reason)
    {
        var count = Math.Clamp(options.Groups, 1, units.Class.Size);
        if (options.Criterion is { } criterion)
        {
            reason = StructuredPruner.NothingKnown(criterion);
            return criterion.Score(units) is { } scores ? [.. UnitOrdering.Descending(scores).Take(count).Order()] : null;
        }
        reason = "the output projection was not calibrated";
        return units.Consumers[0] is { Statistics: { } known } reader
            ? HeadImportance.Of(reader.Matrix, known.Covariance(), reader.Lines).Keep(count) : null;
    }
}
