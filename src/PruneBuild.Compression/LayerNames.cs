using System.IO.Enumeration;
using PruneBuild.Graph;

namespace PruneBuild.Compression;

/// <summary>How recipes name layers.</summary>
public static class LayerNames
{
    /// <summary>Whether a name or glob means a site: by the layer's name or its weight's.</summary>
    public static bool Match(string glob, WeightSite site) =>
        FileSystemName.MatchesSimpleExpression(glob, site.Name, ignoreCase: false)
        || FileSystemName.MatchesSimpleExpression(glob, site.WeightName, ignoreCase: false);
}
