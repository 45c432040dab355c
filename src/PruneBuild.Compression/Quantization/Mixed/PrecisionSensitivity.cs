using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Depth;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Pruning;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Segmentation;
using PruneBuild.Graph.Transformers;
using PruneBuild.Runtime;

namespace PruneBuild.Compression.Quantization;

/// <summary>Measures what each weight, alone in fewer bits, costs the whole model.</summary>
public static class PrecisionSensitivity
{
    /// <summary>What needs the data, and the recipe's key that asks for it.</summary>
    internal static readonly (string Name, string Key) Asked = ("mixed", "quantize");

    /// <summary>
    /// Quantizes one weight after the other in copies of the model and runs in ONNX Runtime what lies behind it: what residual blocks read
    /// is kept of the model as it is.
    /// </summary>
    /// <param name="model">Unchanged.</param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="options">What may be chosen.</param>
    /// <param name="batches">Calibration data, enumerated once; some hundred cases tell layers apart.</param>
    /// <param name="statistics">Of the model; null when the method needs none.</param>
    /// <param name="progress">Told after every weight; may be null.</param>
    /// <param name="cancellation">Observed between batches.</param>
    /// <returns>One a weight, in node order; the same for any number of threads.</returns>
    /// <exception cref="PruneBuildException">
    /// PB1012: the first output is not float. PB2010: a weight is not finite. PB2012: ONNX Runtime rejects the model. PB3003: batches or
    /// statistics are missing. PB3004: a batch does not fit the model, or its output is not finite. PB6002: scratch space.
    /// </exception>
    public static IReadOnlyList<WeightSensitivity> Measure(
        OnnxModel model, string modelPath, MixedOptions options, IEnumerable<CalibrationBatch> batches, CalibrationStatistics? statistics = null,
        IProgress<LayerProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (statistics is null && options.Groups.Method.NeedsStatistics)
            throw new PruneBuildException("PB3003", options.Groups.Method.Name);
        var weights = PrecisionChoices.Of(model, options, statistics);
        using var divergence = new OutputDivergence(model, modelPath, batches, options.Groups.Threads, cancellation, Kept(model), Asked);
        var measured = new List<WeightSensitivity>(weights.Count);
        foreach (var weight in weights)
        {
            var changed = DownstreamValues.Of(model, weight.Sites.Select(site => site.OutputName));
            measured.Add(new WeightSensitivity(weight.Name, [.. weight.Sites.Select(site => site.Name)],
                [.. weight.Precisions.Select(precision => Measure(model, weight.Name, precision, options.Groups, statistics, divergence, changed, cancellation))], weight.Reason));
            progress?.Report(new LayerProgress(measured.Count, weights.Count, weight.Sites[0].Name));
        }
        return measured;
    }

    private static MeasuredPrecision Measure(
        OnnxModel model, string weight, WeightPrecision precision, GroupQuantizeOptions options, CalibrationStatistics? statistics,
        OutputDivergence divergence, HashSet<string> changed, CancellationToken cancellation)
    {
        var own = model.Weights[weight].Bytes;
        if (precision == WeightPrecision.FullPrecision)
            return new MeasuredPrecision(precision, own, 0);
        var copy = model.Snapshot();
        MixedQuantizer.Quantize(copy, new Dictionary<string, WeightPrecision> { [weight] = precision }, options, statistics, cancellation);
        // A weight that something else uses as well stays in the file.
        return new MeasuredPrecision(precision, own + BytesOfWeights(copy) - BytesOfWeights(model), Math.Max(0, divergence.Of(copy, cancellation, value => !changed.Contains(value))));
    }

    /// <summary>Without biases, of which corrected layers may have one more.</summary>
    private static long BytesOfWeights(OnnxModel model) => model.WeightBytes - model.Graph.Node
        .Select(node => node.Input.ElementAtOrDefault(node.OpType switch { "MatMulNBits" => 5, "Gemm" or "Conv" => 2, _ => int.MaxValue }))
        .Distinct().Sum(name => name is not null && model.Weights.TryGetValue(name, out var bias) ? bias.Bytes : 0);

    /// <summary>Where a run can start: what residual blocks read, or in a model without any what its layers read.</summary>
    private static List<string> Kept(OnnxModel model)
    {
        var flow = new DataFlow(model);
        var blocks = TransformerView.ResidualBlocks(model);
        var read = blocks.Count > 0 ? DownstreamValues.ReadBy(flow, blocks) : WeightSites.Find(model).Select(site => site.InputName);
        return [.. read.Where(value => flow.Producer(value) >= 0 && flow.IsDynamic(value) && flow.CanWait(value)).Distinct(StringComparer.Ordinal)];
    }
}
