using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Redistribution;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Quantizes weights and activations: int8 weights with a scale for each output, activations as bytes whose range calibration chose, 32-bit biases (ONNX's
/// QDQ form; Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference"). A BatchNormalization
/// should be folded before.
/// </summary>
/// <param name="model">Edited.</param>
/// <param name="modelPath">The user's file, for messages.</param>
/// <param name="options">How.</param>
/// <param name="batches">Typical inputs; asked for once by each step.</param>
public sealed class StaticQuantizer(OnnxModel model, string modelPath, StaticQuantizeOptions options, Func<IEnumerable<CalibrationBatch>> batches)
{
    /// <summary>What reports call <see cref="Smooth"/>.</summary>
    public const string Smoothing = "smooth";

    private readonly ActivationObservation observation = new(model, modelPath, options.Threads, options.ScratchFolder);

    /// <summary>Observed between batches and weights; the model is half edited then.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>
    /// Divides channels with large activations, and multiplies the weights that read them (Xiao et al. 2023, "SmoothQuant"), where the options ask for it. The model
    /// computes the same.
    /// </summary>
    /// <returns>What became of the channels, the ones that had to stay included.</returns>
    /// <exception cref="PruneBuildException">PB2012, PB3004: the model or the data cannot run.</exception>
    public IReadOnlyList<RedistributedGroup> Smooth()
    {
        if (options.Smooth is not { } strength)
            return [];
        var lastAxis = ModelQuantizer.Quantizable(model, options.Weights).GroupBy(site => site.InputName, StringComparer.Ordinal)
            .ToDictionary(readers => readers.Key, readers => readers.First().Kind != SiteKind.Conv, StringComparer.Ordinal);
        var maxima = new ChannelMaxima(lastAxis);
        observation.Run([.. lastAxis.Keys], batches(), maxima.Add, Cancellation);
        return new SmoothQuant(maxima, strength).Apply(model, null, Cancellation).Groups;
    }

    /// <summary>Quantizes what can be.</summary>
    /// <param name="weightsAreReady">Told when weights are int8 and activations still float, with biases as they stay; may be null.</param>
    /// <param name="progress">Told after every weight; may be null.</param>
    /// <returns>One report a layer, in node order, refusals with their reasons included.</returns>
    /// <exception cref="PruneBuildException">
    /// PB1012: bits other than 8 and 7. PB2010: a weight is not finite. PB2012, PB3004: the model or the data cannot run. PB3005: the opset is too old.
    /// PB3030: there are layers, and none can be quantized.
    /// </exception>
    public IReadOnlyList<QuantizeReport> Quantize(Action<OnnxModel>? weightsAreReady = null, IProgress<LayerProgress>? progress = null)
    {
        var sites = ModelQuantizer.Quantizable(model, options.Weights);
        var index = new GraphIndex(model.Graph);
        List<WeightSite> corrected = [.. sites.Where(site => options.BiasCorrection && BiasCorrection.HasRoom(model, index, site))];
        var (histograms, means, unusable) = Observe(new StaticPlan(model, sites, new Dictionary<string, string>()), corrected);
        var plan = new StaticPlan(model, sites, unusable);
        if (sites.Count > 0 && sites.All(site => plan.Refusal(site) is not null))
            throw new PruneBuildException("PB3030", sites[0].Name, plan.Refusal(sites[0])!);

        var values = plan.Values;
        var parameters = values.Values.Distinct(StringComparer.Ordinal).ToDictionary(source => source, source => Parameters(histograms[source]), StringComparer.Ordinal);
        var products = corrected.ToDictionary<WeightSite, NodeProto, double[]?>(
            site => site.Node, site => BiasCorrection.MeanProduct(model, site, means!), ReferenceEqualityComparer.Instance);
        var onBytes = sites.Where(site => plan.Refusal(site) is null).ToList();
        var least = LeastScales(onBytes, site => parameters[values[site.InputName]].Scale);
        var refusals = sites.Where(site => plan.Refusal(site) is not null).DistinctBy(site => site.Name).ToDictionary(site => site.Name, site => $"activations stay float: {plan.Refusal(site)}", StringComparer.Ordinal);

        var reports = ModelQuantizer.Quantize(model, options.Weights with { LeastScales = least }, progress, Cancellation);
        var quantized = WeightSites.Find(model);
        foreach (var site in quantized)
            if (products.GetValueOrDefault(site.Node) is { } before)
                BiasCorrection.Apply(model, site, before, means!);
        weightsAreReady?.Invoke(model);
        var nodes = onBytes.Select(site => site.Node).ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        new QuantizeLinearPairs(model, plan, parameters).Write([.. quantized.Where(site => nodes.Contains(site.Node))]);
        return [.. reports.Select(report => report with { Reason = report.Reason ?? refusals.GetValueOrDefault(report.Name) })];
    }

    private ActivationParameters Parameters(ActivationHistogram histogram)
    {
        var (low, high) = options.Method.Choose(histogram, options.Ranges);
        return ActivationParameters.Of(low, high, options.Ranges.IsSymmetric);
    }

    private Dictionary<string, float[]> LeastScales(IEnumerable<WeightSite> sites, Func<WeightSite, float> inputScale)
    {
        var least = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach (var site in sites)
        {
            if (QuantizedBias.LeastWeightScales(model, site, inputScale(site)) is { } scales)
                least[site.WeightName] = least.TryGetValue(site.WeightName, out var other) ? [.. scales.Zip(other, Math.Max)] : scales;
        }
        return least;
    }

    /// <summary>The values that a plan quantizes, the mean inputs of layers to correct, and the values without a range with the reason.</summary>
    private (Dictionary<string, ActivationHistogram> Histograms, InputMeans? Means, Dictionary<string, string> Unusable) Observe(
        StaticPlan plan, List<WeightSite> corrected)
    {
        var histograms = plan.Values.Values.Distinct(StringComparer.Ordinal).ToDictionary(value => value, _ => new ActivationHistogram(), StringComparer.Ordinal);
        var means = corrected.Count == 0 ? null : new InputMeans();
        var inputs = corrected.Where(site => plan.Refusal(site) is null).Select(site => site.InputName).ToHashSet(StringComparer.Ordinal);
        var others = observation.Run([.. histograms.Keys.Union(inputs)], batches(), (name, values, shape) =>
        {
            histograms.GetValueOrDefault(name)?.Add(values);
            if (inputs.Contains(name))
                means!.Add(name, values, shape);
        }, Cancellation);
        var unusable = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (value, histogram) in histograms)
        {
            var reason = others.Contains(value) ? $"the activation '{value}' is not float"
                : histogram.NonFinite > 0 ? $"the activation '{value}' holds values that are not finite"
                : histogram.Count == 0 ? $"no calibration case reached '{value}'"
                : null;
            if (reason is not null)
                unusable[value] = reason;
        }
        foreach (var (value, source) in plan.Values)
            if (unusable.TryGetValue(source, out var reason))
                unusable[value] = reason;
        return (histograms, means, unusable);
    }
}
