using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Pipeline;

/// <summary>
/// Layers that nothing edits ship as well, so weights and biases of all are looked at. Other constants may be infinite: attention
/// masks are.
/// </summary>
internal static class FiniteWeights
{
    /// <exception cref="PruneBuildException">PB2010: a weight is NaN or infinite.</exception>
    public static void Require(OnnxModel model)
    {
        foreach (var name in WeightSites.Find(model).SelectMany(site => site.Node.Input.Skip(2).Prepend(site.StoredName)).Distinct())
            if (model.Weights.TryGetValue(name, out var weight) && weight.FirstNonFinite() is >= 0 and var index)
                throw new PruneBuildException("PB2010", name, index);
    }
}
