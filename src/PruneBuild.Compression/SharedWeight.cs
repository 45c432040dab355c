using PruneBuild.Graph;

namespace PruneBuild.Compression;

/// <summary>A weight and the sites that use it.</summary>
/// <param name="Sites">In node order; all see the same matrix.</param>
/// <param name="Refusal">Why the weight must not change, or null.</param>
internal sealed record SharedWeight(IReadOnlyList<WeightSite> Sites, string? Refusal)
{
    /// <summary>The weights of some sites, in the order of their first use.</summary>
    public static IReadOnlyList<SharedWeight> Group(OnnxModel model, IReadOnlyList<WeightSite> sites)
    {
        var index = new GraphIndex(model.Graph);
        return [.. sites.GroupBy(site => site.WeightName).Select(group => Of([.. group], index))];
    }

    private static SharedWeight Of(List<WeightSite> sites, GraphIndex index)
    {
        var first = sites[0];
        var uses = index.Uses(first.WeightName);
        var stranger = uses.Where(use => use.InputIndex != 1 || !sites.Any(site => ReferenceEquals(site.Node, use.Node))).Select(use => use.Node).FirstOrDefault();
        var refusal = stranger is not null ? $"the weight is also used by {stranger.OpType} '{stranger.Name}'"
            : index.IsOutput(first.WeightName) ? "the weight is also an output of the model"
            : sites.Any(site => (site.Transposed, site.Groups, site.Outputs) != (first.Transposed, first.Groups, first.Outputs))
                ? "layers that share the weight see it in different layouts"
            : null;
        return new SharedWeight(sites, refusal);
    }
}
