using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Calibration;

/// <summary>
/// Calibrates a model while it is edited: each site's statistics are those of its input after all sites before it were edited
/// (sequential propagation; Frantar et al. 2022, "GPTQ", Frantar and Alistarh 2023, "SparseGPT"). One segment of the model runs at
/// a time; activations wait on disk between them.
/// </summary>
public static class SequentialCalibration
{
    /// <summary>
    /// For each step in topological order: collects the statistics of the sites' input, lets the caller edit the sites, and goes on
    /// through what the caller made of them. Without edits every step's statistics are those of <see cref="Calibrator"/>.
    /// </summary>
    /// <param name="model">Edited by <paramref name="edit"/>.</param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="sites">Found in <paramref name="model"/>.</param>
    /// <param name="batches">Enumerated once; even ones go to the fit half, odd ones to the hold-out half.</param>
    /// <param name="options">How.</param>
    /// <param name="edit">
    /// May change the weights and biases of the step's sites and add nodes behind them; what they read must stay as it is, and so
    /// must the names of the values that other sites read.
    /// </param>
    /// <param name="cancellation">Observed between batches; the model is half edited then.</param>
    /// <exception cref="PruneBuildException">
    /// PB2012: ONNX Runtime rejects the model. PB3004: a batch does not fit its inputs. PB6002: the scratch folder is full or not writable.
    /// </exception>
    public static void Run(
        OnnxModel model, string modelPath, IReadOnlyList<WeightSite> sites, IEnumerable<CalibrationBatch> batches,
        SequentialOptions options, Action<SequentialStep> edit, CancellationToken cancellation = default)
    {
        var plan = SequentialPlan.Of(model, sites);
        using var edited = new ActivationStream(model, modelPath, options.Threads, options.ScratchFolder);
        edited.Fill(batches, cancellation);
        using var dense = options.Paired ? edited.Twin(model.Snapshot()) : null;

        var results = new SequentialResults(options.Paired);
        var count = plan.Count(stop => stop.Edited.Count > 0);
        var index = 0;
        for (var position = 0; position < plan.Count; position++)
        {
            var stop = plan[position];
            var accumulators = new SiteAccumulators(model, stop.Readers, options.Paired);
            if (accumulators.Distinct.Count > 0)
                Collect(edited, dense, plan, position, accumulators.Distinct, options.Threads, cancellation);
            results.Add(accumulators);
            if (stop.Edited.Count == 0)
                continue;

            var before = stop.Edited.Select(site => model.Weights[site.StoredName]).ToList();
            edit(results.Take(stop.Edited, index++, count));
            var changed = stop.Edited.Zip(before).Any(pair =>
                !model.Weights.TryGetValue(pair.First.StoredName, out var now) || !ReferenceEquals(now, pair.Second));
            if (changed && stop.ReachesBack && position + 1 < plan.Count)
                Replay(edited, plan, position, cancellation);
        }
    }

    private static void Collect(
        ActivationStream edited, ActivationStream? dense, IReadOnlyList<SequentialStop> plan, int position,
        IReadOnlyList<SiteAccumulator> accumulators, int threads, CancellationToken cancellation)
    {
        var tensor = plan[position].Tensor;
        var request = Request(plan, position) with { KeepTargets = dense is not null };
        if (dense is null)
        {
            edited.Advance(request, (_, batch, value) =>
            {
                var shape = value.GetTensorTypeAndShape().Shape;
                foreach (var accumulator in accumulators)
                    accumulator.Add(value.GetTensorDataAsSpan<float>(), shape, batch % 2 == 1, threads);
            }, cancellation);
            return;
        }
        edited.Advance(request, null, cancellation);
        dense.Advance(request, null, cancellation);
        for (var batch = 0; batch < edited.Batches; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var ours = edited.Read(tensor, batch);
            using var theirs = dense.Read(tensor, batch);
            var shape = ours.GetTensorTypeAndShape().Shape;
            foreach (var accumulator in accumulators)
                accumulator.AddPair(ours.GetTensorDataAsSpan<float>(), theirs.GetTensorDataAsSpan<float>(), shape, batch % 2 == 1, threads);
        }
    }

    /// <summary>Computes the edited stream again from the model's inputs, stop by stop, so that no segment grows.</summary>
    private static void Replay(ActivationStream edited, IReadOnlyList<SequentialStop> plan, int until, CancellationToken cancellation)
    {
        edited.Rewind();
        for (var position = 0; position <= until; position++)
            edited.Advance(Request(plan, position), null, cancellation);
    }

    private static StreamRequest Request(IReadOnlyList<SequentialStop> plan, int position) =>
        new([plan[position].Tensor], [.. plan.Skip(position + 1).Select(stop => stop.Tensor)]);
}
