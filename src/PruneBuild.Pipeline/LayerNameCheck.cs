using PruneBuild.Compression;
using PruneBuild.Graph;

namespace PruneBuild.Pipeline;

/// <summary>A recipe that names a layer the model does not have would build something other than what it says.</summary>
internal static class LayerNameCheck
{
    /// <exception cref="Diagnostics.PruneBuildException">PB1012 at the name that matches no layer.</exception>
    public static void Run(OnnxModel model, IEnumerable<LayerName> names)
    {
        var sites = WeightSites.Find(model);
        foreach (var name in names)
            if (!sites.Any(site => LayerNames.Match(name.Name, site)))
                throw name.At.Error("PB1012", name.Name, "layer", $"the model's layers are {string.Join(", ", sites.Select(site => site.Name))}");
    }
}
