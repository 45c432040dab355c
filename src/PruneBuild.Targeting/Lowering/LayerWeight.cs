using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Targeting;

/// <summary>The weight of one layer [outputs, inputs], row-major, as it is stored: float, or int8 with scales.</summary>
internal sealed record LayerWeight(float[]? Singles, sbyte[]? Quantized, float[]? Scales, WeightSparsity Sparsity)
{
    public static LayerWeight Read(OnnxModel model, WeightSite site)
    {
        if (site.Storage == WeightStorage.Int8PerOutput)
        {
            var (values, scales) = site.ReadQuantized(model);
            return new LayerWeight(null, values, scales, WeightSparsity.Measure<sbyte>(values, site.Outputs, site.Inputs));
        }

        var singles = site.ReadMatrix(model);
        return new LayerWeight(singles, null, null, WeightSparsity.Measure<float>(singles, site.Outputs, site.Inputs));
    }

    public WeightMatrix Matrix(int outputs, int inputs) => Quantized is null
        ? WeightMatrix.FromSingles(Singles!, outputs, inputs)
        : WeightMatrix.FromInt8(Quantized, Scales!, outputs, inputs);

    public LayerShape Shape(WeightSite site, long rows, long modelWeights) => new(
        site.Name, site.Kind.ToString(), site.Outputs, site.Inputs, rows, Sparsity.Blocks8x4, Sparsity.Blocks8x1, Quantized is not null)
    {
        IsWithinSevenBits = Quantized is null || Quantized.All(value => value is >= -64 and <= 64),
        ModelWeights = modelWeights,
    };
}
