using PruneBuild.Compression.Calibration;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Depth;

/// <summary>
/// Greedy search over blocks: of all that are left, the one whose removal costs the least loss goes, and everything is evaluated
/// anew (Zhong et al. 2024, "BlockPruner"; Song et al. 2024, "SLEB").
/// </summary>
public static class BlockSearch
{
    /// <summary>The blocks to remove by any loss, in order; ties go to the earlier block. Every evaluation runs a whole model.</summary>
    /// <param name="open">Opens a fresh copy of the model; each is disposed here.</param>
    /// <param name="loss">Loss of a model on calibration data, such as the negative log-likelihood; lower is better.</param>
    /// <param name="count">How many blocks to remove at most.</param>
    /// <param name="cancellation">Observed between evaluations.</param>
    public static IReadOnlyList<RemovedBlock> Find(Func<OnnxModel> open, Func<OnnxModel, double> loss, int count, CancellationToken cancellation)
    {
        using var model = open();
        var removed = new List<string>();
        return Greedy(Outputs(model), count, candidate =>
        {
            cancellation.ThrowIfCancellationRequested();
            using var trial = open();
            foreach (var output in removed.Append(candidate))
                Remove(trial, output);
            return loss(trial);
        }, best =>
        {
            removed.Add(best);
            Remove(model, best);
            return Outputs(model);
        });
    }

    /// <summary>
    /// The same blocks for a loss of the model's output. What every block that is left reads is kept for all batches, so an evaluation
    /// runs only what comes after the candidate.
    /// </summary>
    /// <param name="model">The model; unchanged afterwards.</param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="batches">Calibration data, enumerated once.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Observed between batches.</param>
    /// <exception cref="PruneBuildException">As <see cref="ModelLoss.Measure"/>, and PB6002: the scratch folder is full or not writable.</exception>
    public static BlockSearchReport Find(
        OnnxModel model, string modelPath, IEnumerable<CalibrationBatch> batches, BlockSearchOptions options, CancellationToken cancellation = default)
    {
        var current = model.Snapshot();
        using var stream = new ActivationStream(current, modelPath, options.Threads, options.ScratchFolder);
        stream.Fill(batches, cancellation);
        using var meter = new LossMeter(options.Loss, stream, current, cancellation);
        var blocks = TransformerView.ResidualBlocks(current);
        if (options.Candidates < blocks.Count)
        {
            var influence = BlockInfluence.Measure(stream, [.. blocks.Select(block => (block.Input, block.Output))], cancellation);
            blocks = [.. Enumerable.Range(0, blocks.Count).OrderBy(index => influence[index]).Take(options.Candidates.Value).Order().Select(index => blocks[index])];
        }
        var cache = new SuffixCache(stream, current, [.. blocks.Select(block => block.Output)], cancellation);
        var dense = cache.Measure(meter, cancellation);
        var removed = Greedy(cache.Alive, options.Count, candidate => cache.MeasureWithout(candidate, meter, cancellation), best =>
        {
            cache.Remove(best, cancellation);
            return cache.Alive;
        });
        return new BlockSearchReport(removed, dense, cache.NodesRun);
    }

    /// <summary>Takes a block out of a model; one that went with another is nothing to remove.</summary>
    internal static void Remove(OnnxModel model, string output)
    {
        if (TransformerView.ResidualBlocks(model).FirstOrDefault(block => block.Output == output) is { } block)
            BlockRemoval.Remove(model, block);
    }

    private static List<RemovedBlock> Greedy(
        IReadOnlyCollection<string> blocks, int count, Func<string, double> loss, Func<string, IReadOnlyCollection<string>> remove)
    {
        var removed = new List<RemovedBlock>();
        var alive = blocks;
        while (removed.Count < count && alive.Count > 0)
        {
            // A model that computes nothing has no loss; MinBy would take NaN for the least.
            var best = alive.Select(candidate => new RemovedBlock(candidate, loss(candidate)))
                .MinBy(block => double.IsNaN(block.Loss) ? double.PositiveInfinity : block.Loss)!;
            removed.Add(best);
            alive = remove(best.Output);
        }
        return removed;
    }

    private static List<string> Outputs(OnnxModel model) => [.. TransformerView.ResidualBlocks(model).Select(block => block.Output)];
}
