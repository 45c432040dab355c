using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Rounding weights shifts the mean of what a layer puts out by (Ŵ − W) E[x], which its bias takes back (Nagel et al. 2019, "Data-Free Quantization Through
/// Weight Equalization and Bias Correction", section 4.2, with the mean input measured).
/// </summary>
public static class BiasCorrection
{
    /// <summary>Whether a layer has a bias or an operand for one; a MatMul that none is added to would become a slower operator.</summary>
    internal static bool HasRoom(OnnxModel model, GraphIndex index, WeightSite site) => site.Kind != SiteKind.MatMul
        || (index.OnlyConsumer(site.OutputName) is { OpType: "Add", Domain: "" or "ai.onnx" } add
            && add.Input.Any(value => model.Weights.TryGetValue(value, out var bias) && bias.Shape.Count == 1 && bias.Elements == site.Outputs));

    /// <summary>(W − Ŵ) E[x], [outputs]: what rounding takes from the mean output of a layer; null where the mean input is not known.</summary>
    /// <param name="known">The layer's inputs.</param>
    /// <param name="weights">W, [outputs, inputs].</param>
    /// <param name="near">Ŵ, [outputs, inputs].</param>
    public static double[]? MeanShift(SiteStatistics known, float[] weights, float[] near)
    {
        if (known.Reason is not null || known.Fit.Count == 0)
            return null;
        var size = weights.Length / known.Fit.Count;
        var shift = known.Fit.Zip(known.HoldOut).SelectMany((halves, group) => BiasRecovery.Fit(
            weights.AsSpan(group * size, size), near.AsSpan(group * size, size), InputStatistics.Merged([halves.First, halves.Second]).Mean())).ToArray();
        return Array.TrueForAll(shift, double.IsFinite) ? shift : null;
    }

    /// <summary>W E[x], [outputs]; null where the mean input is not known.</summary>
    internal static double[]? MeanProduct(OnnxModel model, WeightSite site, InputMeans means)
    {
        if (means.Of(site, model.Weights[site.StoredName].Shape) is not { } inputs)
            return null;
        var matrix = site.ReadMatrix(model);
        var product = new double[site.Outputs];
        for (var output = 0; output < site.Outputs; output++)
        {
            var input = inputs[output / (site.Outputs / site.Groups)];
            for (var column = 0; column < site.Inputs; column++)
                product[output] += (double)matrix[((long)output * site.Inputs) + column] * input[column];
        }
        return Array.TrueForAll(product, double.IsFinite) ? product : null;
    }

    /// <summary>Adds what quantization took from the mean of a layer's output.</summary>
    /// <param name="model">Edited.</param>
    /// <param name="site">The layer with its quantized weight.</param>
    /// <param name="before"><see cref="MeanProduct"/> of its float weight.</param>
    /// <param name="means">As before.</param>
    internal static void Apply(OnnxModel model, WeightSite site, double[] before, InputMeans means)
    {
        if (MeanProduct(model, site, means) is { } after)
            LayerBias.Add(model, site, [.. before.Zip(after, (wanted, got) => wanted - got)]);
    }
}
