using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;
using PruneBuild.Graph.Segmentation;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Depth;

/// <summary>
/// A model whose blocks are being removed, with what every block that is left reads from outside kept for all batches: its hidden
/// state, and masks or rotations that the blocks share. Without a block, only what comes after it is computed again.
/// </summary>
internal sealed class SuffixCache
{
    private readonly ActivationStream stream;
    private readonly OnnxModel model;
    private readonly List<string> blocks;
    private long trials;

    /// <param name="stream">Of the model; must outlive this.</param>
    /// <param name="model">Edited by <see cref="Remove"/>.</param>
    /// <param name="blocks">Outputs of the blocks that may go.</param>
    /// <param name="cancellation">Observed between batches.</param>
    public SuffixCache(ActivationStream stream, OnnxModel model, List<string> blocks, CancellationToken cancellation)
    {
        (this.stream, this.model, this.blocks) = (stream, model, blocks);
        Keep(_ => true, cancellation);
    }

    /// <summary>Blocks that are left, in order.</summary>
    public IReadOnlyCollection<string> Alive => blocks;

    /// <summary>Nodes that ran, each counted once a batch.</summary>
    public long NodesRun => stream.NodesRun + trials;

    /// <summary>The loss of the model as it is.</summary>
    public double Measure(LossMeter meter, CancellationToken cancellation) => Trial(model, new HashSet<string>(), meter, cancellation);

    /// <summary>The loss of the model without a block more.</summary>
    public double MeasureWithout(string block, LossMeter meter, CancellationToken cancellation)
    {
        var without = model.Snapshot();
        BlockSearch.Remove(without, block);
        return Trial(without, DownstreamValues.Of(model, [block]), meter, cancellation);
    }

    /// <summary>Removes a block, and forgets what came after it.</summary>
    public void Remove(string block, CancellationToken cancellation)
    {
        var changed = DownstreamValues.Of(model, [block]);
        Keep(value => stream.Has(value) && !changed.Contains(value), cancellation);
        BlockSearch.Remove(model, block);
        var left = TransformerView.ResidualBlocks(model).Select(other => other.Output).ToHashSet(StringComparer.Ordinal);
        blocks.RemoveAll(other => !left.Contains(other));
        Keep(_ => true, cancellation);
    }

    private double Trial(OnnxModel other, HashSet<string> changed, LossMeter meter, CancellationToken cancellation)
    {
        using var trial = stream.Twin(other, shares: value => !changed.Contains(value));
        var loss = meter.Measure(trial, cancellation);
        trials += trial.NodesRun;
        return loss;
    }

    private void Keep(Predicate<string> wanted, CancellationToken cancellation)
    {
        var flow = new DataFlow(model);
        var read = DownstreamValues.ReadBy(flow, TransformerView.ResidualBlocks(model).Where(block => blocks.Contains(block.Output)));
        var values = read.Where(value => flow.CanWait(value) && wanted(value)).Distinct(StringComparer.Ordinal).ToList();
        stream.Advance(new StreamRequest(values, []) { KeepTargets = true }, null, cancellation);
    }
}
