using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Depth;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Dimensions;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Structured;

/// <summary>
/// Removes key-value groups and neurons from the layers of a transformer, from each as much as the layer ratios say. Units are scored
/// on the dense model; where the ratios ask what a pruned model does, one is cut for it and thrown away.
/// </summary>
public static class TransformerPruner
{
    /// <summary>Prunes the layers.</summary>
    /// <param name="model">Edited.</param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="batches">Calibration data.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Observed between layers and batches; the model may be half edited then.</param>
    /// <exception cref="PruneBuildException">
    /// PB1012: the ratio is not one that the layers can lose. PB2012: ONNX Runtime rejects the model. PB3021: no layer is understood.
    /// PB3003: there are no batches. PB3004: a batch does not fit.
    /// </exception>
    public static TransformerReport Prune(
        OnnxModel model, string modelPath, IReadOnlyCollection<CalibrationBatch> batches, TransformerOptions options, CancellationToken cancellation = default)
    {
        if (!(options.Ratio >= 0 && options.Ratio <= options.Ratios.Most))
            throw new PruneBuildException("PB1012", options.Ratio, "ratio", $"use 0 to {options.Ratios.Most}");
        if (batches.Count == 0)
            throw new PruneBuildException("PB3003", options.Ratios.Name);
        var layers = TransformerLayers.Of(model);
        var sites = WeightSites.Find(model);
        var statistics = Calibrator.Collect(model, modelPath, sites, batches, options.Threads, cancellation);
        var parts = layers.SelectMany((layer, index) => Parts(model, layer, index, sites, statistics, options, cancellation)).ToList();
        if (parts.Count == 0)
            throw new PruneBuildException("PB3021", modelPath, "it has no transformer layer that is understood");

        // A layer without anything to remove has no ratio.
        List<int> numbers = [.. parts.Select(part => part.Layer).Distinct()];
        double[] sizes = [.. numbers.Select(number => parts.Where(part => part.Layer == number).Sum(part => part.Weights))];
        using var stream = new ActivationStream(model, modelPath, options.Threads, Path.GetTempPath());
        stream.Fill(batches, cancellation);
        var ratios = options.Ratios.Allocate(sizes, options.Ratio, gone =>
        {
            var trial = model.Snapshot();
            var classes = DimensionClosure.Analyze(trial);
            DimensionEdit.Select(trial, [.. Selections(parts, numbers, gone, options.Align).Where(selection => selection.Units.Count < selection.Class.Size)
                .Select(selection => selection with { Class = classes.First(found => found.IsSameAs(selection.Class)) })]);
            using var twin = stream.Twin(trial);
            return [.. BlockInfluence.Measure(twin, [.. numbers.Select(number => (layers[number].Input, layers[number].Output))], cancellation).Select(influence => 1 - influence)];
        });

        var before = (Macs: ModelCost.Macs(model).Values.Sum(), model.WeightBytes);
        var chosen = Selections(parts, numbers, ratios, options.Align);
        var settings = new StructuredOptions { Recovery = options.Recovery, Ridge = options.Ridge, Threads = options.Threads };
        var refused = UnitRemoval.Remove(model, [.. parts.Select(part => part.Units)], chosen, sites, statistics, settings, cancellation, out var readers);
        var reports = parts.Zip(chosen, (part, selection) => refused.GetValueOrDefault(part.Class) is { } reason
            ? new ClassReport(part.Class.Name, part.Class.Size, [.. Enumerable.Range(0, part.Class.Size)], reason)
            : new ClassReport(part.Class.Name, part.Class.Size, [.. selection.Units], null)).ToList();
        var structured = new StructuredReport(reports, readers, (before.Macs, ModelCost.Macs(model).Values.Sum()), (before.WeightBytes, model.WeightBytes));
        return new TransformerReport(
            [.. layers.Select((layer, number) => new LayerWidth(layer.Output, numbers.IndexOf(number) is >= 0 and var at ? ratios[at] : 0,
                Width(layer.Attention?.Groups, parts, reports), Width(layer.Neurons, parts, reports)))],
            structured);
    }

    private static IEnumerable<Part> Parts(
        OnnxModel model, TransformerLayer layer, int number, IReadOnlyList<WeightSite> sites, CalibrationStatistics statistics, TransformerOptions options,
        CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (options.Heads && layer.Attention is { } attention)
        {
            var units = CoupledUnits.Of(model, attention.Groups, sites, statistics);
            if (units.Consumers is [{ Statistics: { } known } reader])
            {
                var importance = HeadImportance.Of(reader.Matrix, known.Covariance(), reader.Lines);
                yield return new Part(number, units, Weights(model, attention.Groups), IsAttention: true, count => importance.Keep(count));
            }
        }
        if (options.Neurons && layer.Neurons is { } neurons)
        {
            var units = CoupledUnits.Of(model, neurons, sites, statistics);
            if (units is { Producers.Count: > 0, Consumers.Count: > 0 } && options.Criterion.Score(units) is { } scores)
            {
                var order = UnitOrdering.Descending(scores);
                yield return new Part(number, units, Weights(model, neurons), IsAttention: false, count => [.. order.Take(count).Order()]);
            }
        }
    }

    /// <summary>What stays of every part; remainders are carried among the parts of a kind.</summary>
    private static List<DimensionSelection> Selections(List<Part> parts, List<int> numbers, IReadOnlyList<double> ratios, int align)
    {
        var removed = new Dictionary<Part, int>(ReferenceEqualityComparer.Instance);
        foreach (var kind in parts.GroupBy(part => part.IsAttention))
        {
            List<Part> own = [.. kind];
            foreach (var (part, count) in own.Zip(UnitCounts.Removed([.. own.Select(part => part.Class.Size)], [.. own.Select(part => ratios[numbers.IndexOf(part.Layer)])])))
                removed[part] = count;
        }
        return [.. parts.Select(part =>
        {
            var (size, kept) = (part.Class.Size, part.Class.Size - removed[part]);
            return new DimensionSelection(part.Class, part.Keep(part.IsAttention ? kept : Math.Min(size, (kept + align - 1) / align * align)));
        })];
    }

    private static (int Before, int After) Width(DimensionClass? found, List<Part> parts, List<ClassReport> reports)
    {
        if (found is null)
            return (0, 0);
        var at = parts.FindIndex(part => ReferenceEquals(part.Class, found));
        return (found.Size, at < 0 ? found.Size : reports[at].Kept.Count);
    }

    private static double Weights(OnnxModel model, DimensionClass found) =>
        found.Members.Select(member => member.Tensor).Distinct().Sum(tensor => (double)model.Weights[tensor].Elements);

    /// <summary>The units of one kind of a layer, and which of them stay when so many do.</summary>
    private sealed record Part(int Layer, CoupledUnits Units, double Weights, bool IsAttention, Func<int, IReadOnlyList<int>> Keep)
    {
        public DimensionClass Class => Units.Class;
    }
}
