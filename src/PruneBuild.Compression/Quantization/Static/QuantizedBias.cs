using PruneBuild.Graph;

namespace PruneBuild.Compression.Quantization;

/// <summary>Biases of Conv and Gemm as 32-bit integers whose step is that of the accumulator, the input's scale times the weight's.</summary>
internal static class QuantizedBias
{
    // Room for a sum of 2^16 products beside the bias.
    private const double MostSteps = 1 << 29;

    /// <summary>
    /// The least scale of each output of a weight at which the bias fits: a weight that is zero or tiny beside its bias has levels to spare.
    /// </summary>
    /// <returns>[outputs]; null for a layer whose bias is added as a float.</returns>
    public static float[]? LeastWeightScales(OnnxModel model, WeightSite site, float inputScale)
    {
        if (site.Kind == SiteKind.MatMul || site.Node.Input.Count < 3 || site.Node.Input[2].Length == 0)
            return null;
        return Array.ConvertAll(model.Weights[site.Node.Input[2]].ReadSingles(), bias => (float)(Math.Abs(bias) / inputScale / MostSteps));
    }

    /// <summary>The integers, round half to even, and their scales.</summary>
    public static (int[] Values, float[] Scales) Quantize(float[] bias, float inputScale, float[] weightScales)
    {
        var scales = Array.ConvertAll(weightScales, scale => scale * inputScale);
        return ([.. bias.Select((value, output) => scales[output] == 0 ? 0 : (int)Math.Clamp(Math.Round((double)value / scales[output]), int.MinValue, int.MaxValue))], scales);
    }
}
