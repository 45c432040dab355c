using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Targeting;

/// <summary>The weight of one layer as it is stored: float, or int8 with scales.</summary>
internal static class LayerWeight
{
    public static WeightMatrix Read(OnnxModel model, WeightSite site)
    {
        if (site.Storage == WeightStorage.FullPrecision)
            return WeightMatrix.FromSingles(site.ReadMatrix(model), site.Outputs, site.Inputs);
        var (values, scales) = site.ReadQuantized(model);
        return WeightMatrix.FromInt8(values, scales, site.Outputs, site.Inputs);
    }

    /// <summary>Fraction of the weights that are zero.</summary>
    public static double Sparsity(this WeightMatrix weights) =>
        (weights.Quantized is { } quantized ? quantized.LongCount(value => value == 0) : weights.Singles!.LongCount(value => value == 0))
        / ((double)weights.Outputs * weights.Inputs);

    /// <summary>Whether two products of a weight and a byte fit 16 bits.</summary>
    public static bool IsWithinSevenBits(this WeightMatrix weights) =>
        weights.Quantized is null || Array.TrueForAll(weights.Quantized, value => value is >= -64 and <= 64);
}
