using PruneBuild.Graph;

namespace PruneBuild.Targeting;

/// <summary>Which layers another operator can take the place of.</summary>
internal static class Replacement
{
    /// <summary>Why a Conv keeps its dense float kernel.</summary>
    public const string NoConvKernel = "no sparse Conv kernel yet";

    /// <summary>Recognizes what would be replaced with the layer, or says why the layer has to stay.</summary>
    public static (LinearPattern? Pattern, string? Obstacle) Match(OnnxModel model, GraphIndex index, WeightSite site) =>
        site.Kind == SiteKind.Conv ? (null, NoConvKernel) : LinearPattern.Match(model, index, site);
}
