using System.IO.Enumeration;
using PruneBuild.Graph;

namespace PruneBuild.Compression;

/// <summary>How recipes name layers.</summary>
public static class LayerNames
{
    /// <summary>Whether a name or glob means a site: by the layer's name or its weight's.</summary>
    public static bool Match(string glob, WeightSite site) => Match(glob, site.Name, site.WeightName);

    /// <summary>The same by both names.</summary>
    internal static bool Match(string glob, string layer, string weight) =>
        FileSystemName.MatchesSimpleExpression(glob, layer, ignoreCase: false)
        || FileSystemName.MatchesSimpleExpression(glob, weight, ignoreCase: false);
}
