using PruneBuild.Graph;

namespace PruneBuild.Targeting;

/// <summary>What would be replaced with a layer: the pattern around a linear operator, or around a Conv.</summary>
/// <param name="Linear">Of a MatMul or Gemm.</param>
/// <param name="Conv">Of a Conv.</param>
internal sealed record Replacement(LinearPattern? Linear, ConvPattern? Conv)
{
    /// <summary>Recognizes what would be replaced with the layer, or says why the layer has to stay.</summary>
    public static (Replacement? Pattern, string? Obstacle) Match(OnnxModel model, GraphIndex index, WeightSite site)
    {
        if (site.Kind == SiteKind.Conv)
        {
            var (conv, obstacle) = ConvPattern.Match(model, index, site);
            return (conv is null ? null : new(null, conv), obstacle);
        }

        var (linear, reason) = LinearPattern.Match(model, index, site);
        return (linear is null ? null : new(linear, null), reason);
    }
}
