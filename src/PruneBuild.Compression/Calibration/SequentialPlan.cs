using PruneBuild.Graph;
using PruneBuild.Graph.Segmentation;

namespace PruneBuild.Compression.Calibration;

/// <summary>A tensor at which the streams stop.</summary>
/// <param name="Tensor">What the sites read.</param>
/// <param name="Readers">The sites that read it, in node order.</param>
/// <param name="Edited">The sites to edit here: readers, and earlier sites that share a weight with one of them.</param>
/// <param name="ReachesBack">Whether a weight edited here is also used before this tensor, so that what was computed changes.</param>
internal sealed record SequentialStop(
    string Tensor, IReadOnlyList<WeightSite> Readers, IReadOnlyList<WeightSite> Edited, bool ReachesBack);

/// <summary>Orders the tensors that sites read, so that no stop depends on a site that a later stop edits.</summary>
internal static class SequentialPlan
{
    /// <summary>The stops in topological order of their first reader. A weight is edited at the last stop that reads it.</summary>
    public static IReadOnlyList<SequentialStop> Of(OnnxModel model, IReadOnlyList<WeightSite> sites)
    {
        var order = new DataFlow(model).Nodes.Select((node, position) => (node, position))
            .ToDictionary(pair => (object)pair.node, pair => pair.position, ReferenceEqualityComparer.Instance);
        var tensors = sites.OrderBy(site => order[site.Node]).GroupBy(site => site.InputName, StringComparer.Ordinal)
            .Select(group => (Tensor: group.Key, Readers: group.ToList())).ToList();
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < tensors.Count; index++)
            foreach (var site in tensors[index].Readers)
                last[site.StoredName] = index;

        var graph = new GraphIndex(model.Graph);
        return [.. tensors.Select((stop, index) =>
        {
            var edited = sites.Where(site => last[site.StoredName] == index).OrderBy(site => order[site.Node]).ToList();
            var reachesBack = edited.SelectMany(site => graph.Uses(site.StoredName).Concat(graph.Uses(site.WeightName)))
                .Any(use => !stop.Readers.Exists(reader => ReferenceEquals(reader.Node, use.Node) || reader.WeightName == use.Node.Output[0]));
            return new SequentialStop(stop.Tensor, stop.Readers, edited, reachesBack);
        })];
    }
}
