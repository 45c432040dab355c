using PruneBuild.Graph;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Depth;

/// <summary>A block that was taken out, and the loss without it and those before.</summary>
/// <param name="Output">The block's output value.</param>
/// <param name="Loss">Loss of the model without it.</param>
public sealed record RemovedBlock(string Output, double Loss);

/// <summary>
/// Greedy search over blocks: of all that are left, the one whose removal costs the least loss goes, and everything is evaluated
/// anew (Zhong et al. 2024, "BlockPruner"; Song et al. 2024, "SLEB").
/// </summary>
public static class BlockSearch
{
    /// <summary>The blocks to remove, in order; ties go to the earlier block.</summary>
    /// <param name="open">Opens a fresh copy of the model; each is disposed here.</param>
    /// <param name="loss">Loss of a model on calibration data, such as the negative log-likelihood; lower is better.</param>
    /// <param name="count">How many blocks to remove at most.</param>
    /// <param name="cancellation">Observed between evaluations.</param>
    public static IReadOnlyList<RemovedBlock> Find(Func<OnnxModel> open, Func<OnnxModel, double> loss, int count, CancellationToken cancellation)
    {
        List<string> alive;
        using (var model = open())
            alive = [.. TransformerView.ResidualBlocks(model).Select(block => block.Output)];
        var removed = new List<RemovedBlock>();
        while (removed.Count < count && alive.Count > 0)
        {
            var best = alive.Select(candidate =>
            {
                cancellation.ThrowIfCancellationRequested();
                return new RemovedBlock(candidate, Evaluate(open, loss, [.. removed.Select(block => block.Output), candidate]));
            }).MinBy(block => block.Loss)!;
            removed.Add(best);
            alive.Remove(best.Output);
        }
        return removed;
    }

    private static double Evaluate(Func<OnnxModel> open, Func<OnnxModel, double> loss, HashSet<string> removed)
    {
        using var model = open();
        foreach (var block in TransformerView.ResidualBlocks(model).Where(block => removed.Contains(block.Output)))
            BlockRemoval.Remove(model, block);
        return loss(model);
    }
}
