using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Recovery;
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

    /// <summary>What repairs the output projection.</summary>
    public RecoveryMethod Recovery { get; init; } = RecoveryMethod.Linear;

    /// <summary>λ of least squares as a fraction of the covariance's mean diagonal.</summary>
    public double Ridge { get; init; } = LeastSquaresRecovery.DefaultRidge;

    /// <summary>Most threads to use.</summary>
    public int Threads { get; init; } = 1;
}

/// <summary>
/// Removes whole key-value groups: a group's keys and values, all query heads that read them, and their columns of the output
/// projection. Chosen by <see cref="HeadImportance"/> with a group's heads taken together.
/// </summary>
public static class HeadPruner
{
    /// <summary>Prunes every attention block.</summary>
    /// <param name="model">Edited.</param>
    /// <param name="options">How.</param>
    /// <param name="statistics">Of the dense model.</param>
    /// <param name="cancellation">Observed between blocks.</param>
    /// <exception cref="PruneBuildException">PB3021: the model has no attention block that is understood.</exception>
    public static StructuredReport Prune(OnnxModel model, HeadOptions options, CalibrationStatistics statistics, CancellationToken cancellation = default)
    {
        var before = (Macs: ModelCost.Macs(model).Values.Sum(), model.WeightBytes);
        var sites = WeightSites.Find(model);
        var blocks = TransformerView.Attention(model).Select(block => CoupledUnits.Of(model, block.Groups, sites, statistics)).ToList();
        if (blocks.Count == 0)
            throw new PruneBuildException("PB3021", model.SourceFiles is [var path, ..] ? path : model.Graph.Name, "it has no attention block that is understood");
        var refused = new Dictionary<DimensionClass, string>(ReferenceEqualityComparer.Instance);
        var chosen = new List<DimensionSelection>();
        foreach (var units in blocks)
        {
            cancellation.ThrowIfCancellationRequested();
            var reader = units.Consumers[0];
            if (reader.Statistics is not { } known)
            {
                refused[units.Class] = "the output projection was not calibrated";
                continue;
            }
            var importance = HeadImportance.Of(reader.Matrix, known.Covariance(), reader.Lines);
            chosen.Add(new DimensionSelection(units.Class, importance.Keep(Math.Clamp(options.Groups, 1, units.Class.Size))));
        }
        var settings = new StructuredOptions { Recovery = options.Recovery, Ridge = options.Ridge, Threads = options.Threads };
        var left = UnitRemoval.Remove(model, blocks, chosen, sites, statistics, settings, cancellation, out var readers);
        foreach (var (found, reason) in left)
            refused[found] = reason;
        return new StructuredReport(
            [.. blocks.Select(units => new ClassReport(units.Class.Name, units.Class.Size,
                refused.ContainsKey(units.Class) ? [.. Enumerable.Range(0, units.Class.Size)] : chosen.First(selection => ReferenceEquals(selection.Class, units.Class)).Units,
                refused.GetValueOrDefault(units.Class)))],
            readers, (before.Macs, ModelCost.Macs(model).Values.Sum()), (before.WeightBytes, model.WeightBytes));
    }
}
