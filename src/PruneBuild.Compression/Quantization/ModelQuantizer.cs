using System.Runtime.InteropServices;
using PruneBuild.Compression.Pruning;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Replaces float weights by int8 ones behind a DequantizeLinear whose output keeps the weight's name, so that no consumer
/// changes. One weight at a time; zeros stay zero.
/// </summary>
public static class ModelQuantizer
{
    private const int FullPrecisionBits = 32;

    /// <summary>Quantizes the weight of every MatMul, Gemm and Conv.</summary>
    /// <param name="model">Edited; weights that are quantized already stay.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told after every weight; may be null.</param>
    /// <param name="cancellation">Observed between weights; the model is half edited then.</param>
    /// <returns>One report a layer, in node order.</returns>
    /// <exception cref="PruneBuildException">PB1012: bits other than 8 and 7. PB2010: a weight is not finite. PB3005: the opset is too old.</exception>
    public static IReadOnlyList<QuantizeReport> Quantize(
        OnnxModel model, QuantizeOptions options, IProgress<LayerProgress>? progress = null, CancellationToken cancellation = default)
    {
        _ = Int8PerChannel.Limit(options.Bits);
        var sites = WeightSites.Find(model);
        var weights = SharedWeight.Group(model, sites);
        var refusals = weights.Select(weight => Refusal(weight, options)).ToList();
        if (refusals.Contains(null))
            OpsetUpgrade.ToPerAxisDequantize(model);

        var index = new GraphIndex(model.Graph);
        var corrected = sites.Where(site => options.BiasStatistics is not null && BiasCorrection.HasRoom(model, index, site))
            .ToHashSet<WeightSite>(ReferenceEqualityComparer.Instance);
        var reports = new Dictionary<WeightSite, QuantizeReport>(ReferenceEqualityComparer.Instance);
        for (var at = 0; at < weights.Count; at++)
        {
            cancellation.ThrowIfCancellationRequested();
            var weight = weights[at];
            var reason = refusals[at];
            var bits = reason is null ? options.Bits : FullPrecisionBits;
            double? signalToNoise = null;
            if (reason is null)
            {
                List<WeightSite> repaired = [.. weight.Sites.Where(corrected.Contains)];
                var before = repaired.Count > 0 ? repaired[0].ReadMatrix(model) : [];
                (var stored, signalToNoise, reason) = Replace(model, weight.Sites[0], options, repaired.Count == weight.Sites.Count, cancellation);
                var after = repaired.Count > 0 ? stored.ReadMatrix(model) : [];
                foreach (var site in repaired)
                    if (BiasCorrection.MeanShift(options.BiasStatistics!.For(site), before, after) is { } shift)
                        LayerBias.Add(model, site, shift);
            }
            foreach (var site in weight.Sites)
            {
                reports[site] = new QuantizeReport(site.Name, site.Kind.ToString(), site.Outputs, site.Inputs, bits, signalToNoise, reason);
            }
            progress?.Report(new LayerProgress(at + 1, weights.Count, weight.Sites[0].Name));
        }
        return [.. sites.Select(site => reports[site])];
    }

    /// <summary>The layers whose weights <see cref="Quantize"/> replaces, in node order.</summary>
    internal static IReadOnlyList<WeightSite> Quantizable(OnnxModel model, QuantizeOptions options)
    {
        var sites = WeightSites.Find(model);
        var taken = SharedWeight.Group(model, sites).Where(weight => Refusal(weight, options) is null)
            .SelectMany(weight => weight.Sites).ToHashSet<WeightSite>(ReferenceEqualityComparer.Instance);
        return [.. sites.Where(taken.Contains)];
    }

    private static string? Refusal(SharedWeight weight, QuantizeOptions options) =>
        weight.Sites[0].Storage != WeightStorage.FullPrecision ? UnreachedWeights.AlreadyQuantized
        : weight.Refusal
        ?? (options.Skip.Any(glob => weight.Sites.Any(site => LayerNames.Match(glob, site))) ? "skipped by the recipe"
            : options.Only is { } wanted && !weight.Sites.Any(site => wanted(site)) ? "another precision was chosen"
            : null);

    private static (WeightSite Stored, double? SignalToNoise, string? Reason) Replace(
        OnnxModel model, WeightSite site, QuantizeOptions options, bool biasFollows, CancellationToken cancellation)
    {
        var weight = model.Weights[site.StoredName];
        if (weight.FirstNonFinite() is >= 0 and var bad)
            throw new PruneBuildException("PB2010", weight.Name, bad);
        var (quantized, reason) = Quantize(model, site, options, biasFollows, cancellation);

        var values = ValueNames.Fresh(model, site.WeightName + "_quantized");
        var scales = ValueNames.Fresh(model, site.WeightName + "_scale");
        var shape = weight.Shape.ToArray();
        model.SetWeight(values, TensorProto.Types.DataType.Int8, shape, MemoryMarshal.AsBytes<sbyte>(quantized.Values));
        model.SetWeight(scales, [site.Outputs], quantized.Scales);
        model.RemoveWeight(weight.Name);
        // A value that a node makes cannot be a graph input as well, as initializers of old models are.
        if (model.Graph.Input.FirstOrDefault(input => input.Name == weight.Name) is { } input)
            model.Graph.Input.Remove(input);

        var node = new NodeProto { OpType = "DequantizeLinear", Name = ValueNames.Fresh(model, site.WeightName + "_dequantize") };
        node.Input.Add([values, scales]);
        node.Output.Add(site.WeightName);
        node.Set("axis", site.Transposed ? shape.Length - 1 : 0);
        var first = model.Graph.Node.TakeWhile(other => !other.Input.Contains(site.WeightName)).Count();
        model.Graph.Node.Insert(first, node);
        return (site with { Storage = WeightStorage.Int8PerOutput, StoredName = values, ScaleName = scales }, quantized.SignalToNoise, reason);
    }

    private static (Int8Weights Weights, string? Reason) Quantize(
        OnnxModel model, WeightSite site, QuantizeOptions options, bool biasFollows, CancellationToken cancellation)
    {
        if (options.Statistics is { } statistics)
            return Int8Gptq.Quantize(site, site.ReadMatrix(model), statistics.For(site), Int8PerChannel.Limit(options.Bits), biasFollows, options.Threads, cancellation);
        using var view = model.Weights[site.StoredName].Open();
        return (Int8PerChannel.Quantize(
            view.As<float>(), site.Outputs, options.Bits, site.Transposed, options.LeastScales.GetValueOrDefault(site.WeightName), options.PerTensor), null);
    }
}
