using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Segmentation;

namespace PruneBuild.Compression.Calibration;

/// <summary>
/// Runs a model on calibration data and keeps, of the input of every site, only mergeable statistics. A model that is larger than
/// the memory it may take runs in segments, whose activations wait on disk.
/// </summary>
public static class Calibrator
{
    private const long LargeSegment = 64L << 20;

    /// <summary>Collects the statistics of the inputs of the sites in memory: K² numbers for each distinct input of K features.</summary>
    /// <param name="model">The model; unchanged afterwards.</param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="sites">The sites to calibrate.</param>
    /// <param name="batches">Enumerated once; even ones go to the fit half, odd ones to the hold-out half.</param>
    /// <param name="threads">Threads of ONNX Runtime and of the statistics.</param>
    /// <param name="cancellation">Observed between batches.</param>
    /// <exception cref="PruneBuildException">
    /// PB2012: ONNX Runtime rejects the model. PB3004: a batch does not fit its inputs. PB6002: the temporary folder is full or not writable.
    /// </exception>
    public static CalibrationStatistics Collect(
        OnnxModel model, string modelPath, IReadOnlyList<WeightSite> sites, IEnumerable<CalibrationBatch> batches,
        int threads, CancellationToken cancellation)
    {
        var found = new Dictionary<string, SiteStatistics>(StringComparer.Ordinal);
        Run(model, modelPath, sites, batches, new CalibrationOptions { Threads = threads }, results =>
        {
            foreach (var (site, statistics) in results)
                found[site.OutputName] = statistics;
        }, cancellation);
        return new CalibrationStatistics(found);
    }

    /// <summary>
    /// The same within a memory budget: statistics go to a file as soon as their segment has run. Open it with
    /// <see cref="CalibrationStatistics.Open"/>.
    /// </summary>
    /// <param name="file">The file to write.</param>
    /// <param name="model">The model; unchanged afterwards.</param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="sites">The sites to calibrate.</param>
    /// <param name="batches">Enumerated once; even ones go to the fit half, odd ones to the hold-out half.</param>
    /// <param name="options">Threads, budget and scratch folder.</param>
    /// <param name="cancellation">Observed between batches.</param>
    /// <exception cref="PruneBuildException">As <see cref="Collect"/>.</exception>
    public static CalibrationRun CollectToFile(
        string file, OnnxModel model, string modelPath, IReadOnlyList<WeightSite> sites, IEnumerable<CalibrationBatch> batches,
        CalibrationOptions options, CancellationToken cancellation)
    {
        using var stream = File.Create(file);
        using var writer = new CalibrationStatisticsWriter(stream);
        var run = Run(model, modelPath, sites, batches, options, writer.Add, cancellation);
        writer.Finish();
        return run;
    }

    private static CalibrationRun Run(
        OnnxModel model, string modelPath, IReadOnlyList<WeightSite> sites, IEnumerable<CalibrationBatch> batches,
        CalibrationOptions options, Action<IEnumerable<(WeightSite Site, SiteStatistics Statistics)>> found, CancellationToken cancellation)
    {
        var refused = sites.Select(site => (Site: site, Reason: SiteAccumulator.Refusal(site, model))).Where(one => one.Reason is not null).ToList();
        found(refused.Select(one => (one.Site, SiteStatistics.None(one.Reason!))));
        var readers = sites.Except(refused.Select(one => one.Site)).ToLookup(site => site.InputName, StringComparer.Ordinal);
        if (readers.Count == 0)
            return new CalibrationRun(0, 0, null);

        using var stream = new ActivationStream(model, modelPath, options.Threads, options.ScratchFolder);
        stream.Fill(batches, cancellation);
        var plan = Plan(model, stream, readers, options.MemoryBudget, cancellation);
        for (var index = 0; index < plan.Segments.Count; index++)
        {
            var segment = plan.Segments[index];
            var accumulators = new SiteAccumulators(model, segment.Targets.SelectMany(tensor => readers[tensor]));
            var byTensor = accumulators.Distinct.ToLookup(accumulator => accumulator.Tensor, StringComparer.Ordinal);
            var later = plan.Segments.Skip(index + 1).SelectMany(next => next.Targets).ToList();
            stream.Advance(new StreamRequest(segment.Targets, later) { Carried = segment.Carried }, (name, batch, value) =>
            {
                var shape = value.GetTensorTypeAndShape().Shape;
                foreach (var accumulator in byTensor[name])
                    accumulator.Add(value.GetTensorDataAsSpan<float>(), shape, batch % 2 == 1, options.Threads);
            }, cancellation);
            found(accumulators.Finish());
            // Sums of one segment are garbage by the next; unasked, the collector would rather take as much memory again.
            if (segment.Targets.Sum(tensor => Accumulators(readers[tensor])) > LargeSegment)
                GC.Collect();
        }
        return new CalibrationRun(plan.Segments.Count, plan.SpooledBytes, plan.Reason);
    }

    private static SegmentPlan Plan(
        OnnxModel model, ActivationStream stream, ILookup<string, WeightSite> readers, long budget, CancellationToken cancellation)
    {
        var tensors = readers.Select(group => group.Key).ToList();
        // Activations are unknown before the model has run; where the rest alone is far below the budget, nobody needs to know.
        var known = model.WeightBytes + readers.Sum(Accumulators);
        if (known <= budget / 2 || stream.Batches == 0)
            return new SegmentPlan([new PlannedSegment(tensors, [], known)], 0, known, null);
        var sizes = ValueSizes.Measure(model, stream, tensors, cancellation);
        var planner = new SegmentPlanner(
            model, new DataFlow(model), tensors, value => sizes.GetValueOrDefault(value), tensor => Accumulators(readers[tensor]));
        return planner.Within(budget);
    }

    private static long Accumulators(IEnumerable<WeightSite> sites) => sites.DistinctBy(site => (site.Inputs, string.Join('x', site.KernelShape))).Sum(SiteAccumulator.Bytes);
}
