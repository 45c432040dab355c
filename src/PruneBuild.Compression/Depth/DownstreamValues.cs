using PruneBuild.Graph;
using PruneBuild.Graph.Segmentation;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Depth;

/// <summary>What has to be computed again after an edit, and what does not.</summary>
internal static class DownstreamValues
{
    /// <summary>All values that are computed from some, and those themselves.</summary>
    public static HashSet<string> Of(OnnxModel model, IEnumerable<string> values)
    {
        var index = new GraphIndex(model.Graph);
        var found = new HashSet<string>(values, StringComparer.Ordinal);
        var open = new Stack<string>(found);
        while (open.TryPop(out var next))
            foreach (var output in index.Uses(next).SelectMany(use => use.Node.Output).Where(output => output.Length > 0 && found.Add(output)))
                open.Push(output);
        return found;
    }

    /// <summary>What blocks read from outside: their hidden state, and masks or rotations that they share.</summary>
    public static IEnumerable<string> ReadBy(DataFlow flow, IEnumerable<ResidualBlock> blocks) => blocks.SelectMany(block =>
    {
        var made = block.Body.SelectMany(node => node.Output).ToHashSet(StringComparer.Ordinal);
        return flow.Between(value => !made.Contains(value), block.Add.Input.Where(made.Contains)).Inputs;
    });
}
