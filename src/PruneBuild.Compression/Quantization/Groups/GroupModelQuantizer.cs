using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Recovery;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Replaces MatMul and Gemm by <c>com.microsoft.MatMulNBits</c>, whose weights are 4 or 8 bits in groups; one weight at a time. A Gemm's
/// bias goes along. Convolutions have no such operator and stay as they are.
/// </summary>
public static class GroupModelQuantizer
{
    internal const string Domain = "com.microsoft";
    internal const string Op = "MatMulNBits";
    private const int FullPrecisionBits = 32;

    /// <summary>Quantizes what can be.</summary>
    /// <param name="model">Edited.</param>
    /// <param name="options">How.</param>
    /// <param name="statistics">Of the model as it is; null when the method needs none.</param>
    /// <param name="progress">Told after every layer; may be null.</param>
    /// <param name="cancellation">Observed between layers; the model is half edited then.</param>
    /// <returns>One report a layer, in node order.</returns>
    /// <exception cref="PruneBuildException">PB1012: a format no operator reads. PB2010: a weight is not finite. PB3003: statistics are missing.</exception>
    public static IReadOnlyList<GroupQuantizeReport> Quantize(
        OnnxModel model, GroupQuantizeOptions options, CalibrationStatistics? statistics = null, IProgress<LayerProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        _ = options.Format.Checked();
        if (options.AccuracyLevel is < 0 or > 4)
            throw new PruneBuildException("PB1012", options.AccuracyLevel, "accuracyLevel", "use 0 for float activations or 4 for int8 ones");
        if (options.Method.NeedsStatistics && statistics is null)
            throw new PruneBuildException("PB3003", options.Method.Name);
        var sites = WeightSites.Find(model);
        var reports = new List<GroupQuantizeReport>(sites.Count);
        var made = new Dictionary<(string Weight, int Bits), Stored>();
        var scores = options.Method.ScalesFirst
            ? TransformerView.Attention(model).SelectMany(block => new[] { block.Query.Output[0], block.Key.Output[0] }).ToHashSet(StringComparer.Ordinal) : [];
        foreach (var site in sites)
        {
            cancellation.ThrowIfCancellationRequested();
            reports.Add(BitsAsked(site, sites, options) is { } bits
                ? Quantize(model, site, bits, options, statistics, scores.Contains(site.OutputName), made, cancellation)
                : Left(site, "another precision was chosen"));
            progress?.Report(new LayerProgress(reports.Count, sites.Count, site.Name));
        }
        RemoveUnused(model, sites);
        if (made.Count > 0 && model.Proto.OpsetImport.All(import => import.Domain != Domain))
            model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = 1 });
        return reports;
    }

    /// <summary>The bits that a layer's weights will have; null when they stay as they are.</summary>
    public static int? BitsOf(OnnxModel model, WeightSite site, IReadOnlyList<WeightSite> sites, GroupQuantizeOptions options) =>
        Refusal(model, site, options) is null ? BitsAsked(site, sites, options) : null;

    /// <summary>Whether a layer is one of the two that <see cref="GroupQuantizeOptions.ProtectFirstLast"/> means.</summary>
    internal static bool IsEnd(WeightSite site, IReadOnlyList<WeightSite> sites) => ReferenceEquals(site.Node, sites[0].Node) || ReferenceEquals(site.Node, sites[^1].Node);

    private static int? BitsAsked(WeightSite site, IReadOnlyList<WeightSite> sites, GroupQuantizeOptions options) =>
        options.Bits is not null ? options.Bits(site)
        : (options.ProtectFirstLast && IsEnd(site, sites)) || options.EightBit.Any(glob => LayerNames.Match(glob, site)) ? 8
        : options.Format.Bits;

    private static GroupQuantizeReport Left(WeightSite site, string reason) =>
        new(site.Name, site.Kind.ToString(), site.Outputs, site.Inputs, FullPrecisionBits, null, null, reason);

    private static GroupQuantizeReport Quantize(
        OnnxModel model, WeightSite site, int bits, GroupQuantizeOptions options, CalibrationStatistics? statistics, bool makesScores,
        Dictionary<(string, int), Stored> made, CancellationToken cancellation)
    {
        var known = statistics?.For(site);
        var (fit, judge) = (known?.Fit is [var one] ? one : null, known?.HoldOut is [var other] ? other : null);
        if ((Refusal(model, site, options) ?? (options.Method.NeedsStatistics && fit is null ? known!.Reason ?? "the layer was not calibrated" : null)) is { } reason)
            return Left(site, reason);
        if (!made.TryGetValue((site.StoredName, bits), out var stored))
        {
            if (model.Weights[site.StoredName].FirstNonFinite() is >= 0 and var bad)
                throw new PruneBuildException("PB2010", site.StoredName, bad);
            var weights = site.ReadMatrix(model);
            var matrix = options.Method.Quantize(new GroupProblem(weights, site.Outputs, site.Inputs, options.Format with { Bits = bits })
            {
                Statistics = fit, MakesScores = makesScores, BiasFollows = options.BiasCorrection && fit is not null, Threads = options.Threads, Cancellation = cancellation,
            });
            var near = matrix.Dequantize();
            var repair = options.BiasCorrection && known is not null ? BiasCorrection.MeanShift(known, weights, near) : null;
            double? error = judge is null ? null : OutputError.Relative(weights, near, repair ?? [], judge, options.Threads);
            made[(site.StoredName, bits)] = stored = new Stored(
                Store(model, site, matrix), site.InputName, matrix.Format, QuantizationNoise.SignalToNoise(weights, near), error, repair, matrix.Reason);
        }
        // A layer that shares the weight and reads something else has another mean.
        var repairs = stored.Input == site.InputName;
        Replace(model, site, repairs ? stored : stored with { Repair = null }, options);
        return new GroupQuantizeReport(
            site.Name, site.Kind.ToString(), site.Outputs, site.Inputs, bits, stored.SignalToNoise, stored.RelativeError,
            stored.Reason ?? (repairs || stored.Repair is null ? null : "the bias is not corrected, for the weight is that of another layer"));
    }

    /// <summary>Why a layer cannot be stored in groups, or null.</summary>
    internal static string? Refusal(OnnxModel model, WeightSite site, GroupQuantizeOptions options) =>
        site.Kind == SiteKind.Conv ? "no operator reads convolution weights in groups"
        : site.Storage != WeightStorage.FullPrecision ? UnreachedWeights.AlreadyQuantized
        : options.Skip.Any(glob => LayerNames.Match(glob, site)) ? "skipped by the recipe"
        : site.Kind == SiteKind.Gemm && (site.Node.GetFloat("alpha", 1) != 1 || site.Node.GetFloat("beta", 1) != 1) ? "a Gemm with factors"
        : site.Kind == SiteKind.Gemm && Bias(site) is { } bias && !(model.Weights.TryGetValue(bias, out var vector) && vector.Elements == site.Outputs)
            ? "a Gemm whose addend is no bias"
        : null;

    private static string? Bias(WeightSite site) =>
        site.Kind == SiteKind.Gemm && site.Node.Input.Count > 2 && site.Node.Input[2].Length > 0 ? site.Node.Input[2] : null;

    private static string[] Store(OnnxModel model, WeightSite site, QuantizedMatrix matrix)
    {
        var (format, groups) = (matrix.Format, matrix.Groups);
        var levels = ValueNames.Fresh(model, site.StoredName + $"_Q{format.Bits}");
        model.SetWeight(
            levels, TensorProto.Types.DataType.Uint8, [site.Outputs, groups, format.GroupSize * format.Bits / 8], GroupPacking.Levels(matrix));
        var scales = ValueNames.Fresh(model, site.StoredName + "_scales");
        model.SetWeight(scales, [(long)site.Outputs * groups], matrix.Scales);
        if (GroupPacking.ZeroPoints(matrix) is not var (type, shape, bytes))
            return [levels, scales];
        var zeros = ValueNames.Fresh(model, site.StoredName + "_zero_points");
        model.SetWeight(zeros, type, shape, bytes);
        return [levels, scales, zeros];
    }

    private static void Replace(OnnxModel model, WeightSite site, Stored stored, GroupQuantizeOptions options)
    {
        var node = new NodeProto { Name = site.Node.Name, OpType = Op, Domain = Domain };
        node.Input.Add([site.InputName, .. stored.Inputs]);
        if (NewBias(model, site, stored.Repair) is { } bias)
        {
            // Zero points, group indices and then the bias.
            while (node.Input.Count < 5)
                node.Input.Add("");
            node.Input.Add(bias);
        }
        node.Output.Add(site.OutputName);
        node.Set("K", site.Inputs);
        node.Set("N", site.Outputs);
        node.Set("bits", stored.Format.Bits);
        node.Set("block_size", stored.Format.GroupSize);
        node.Set("accuracy_level", options.AccuracyLevel);
        model.Graph.Node[model.Graph.Node.IndexOf(site.Node)] = node;
    }

    /// <summary>The bias of a layer with what quantization took from its mean output; null where there is neither.</summary>
    private static string? NewBias(OnnxModel model, WeightSite site, double[]? repair)
    {
        var bias = Bias(site) is { } old ? Flat(model, old, site.Outputs) : null;
        if (repair is null || Array.TrueForAll(repair, value => value == 0))
            return bias;
        var shifted = site.AddShiftedBias(model, bias, repair);
        var index = new GraphIndex(model.Graph);
        foreach (var replaced in new[] { bias, Bias(site) }.OfType<string>().Distinct())
            if (index.Uses(replaced).All(use => ReferenceEquals(use.Node, site.Node)) && !index.IsOutput(replaced))
                Remove(model, replaced);
        return shifted;
    }

    private static string Flat(OnnxModel model, string bias, int outputs)
    {
        if (model.Weights[bias].Shape.Count == 1)
            return bias;
        var flat = ValueNames.Fresh(model, bias + "_flat");
        model.SetWeight(flat, [outputs], model.Weights[bias].ReadSingles());
        return flat;
    }

    private static void RemoveUnused(OnnxModel model, IReadOnlyList<WeightSite> sites)
    {
        var index = new GraphIndex(model.Graph);
        foreach (var name in sites.Select(site => site.StoredName).Distinct().Where(name => index.Uses(name).Count == 0 && !index.IsOutput(name)))
            Remove(model, name);
    }

    // Initializers of old models are graph inputs as well, and one without a value would have to be given.
    private static void Remove(OnnxModel model, string name)
    {
        model.RemoveWeight(name);
        if (model.Graph.Input.FirstOrDefault(input => input.Name == name) is { } input)
            model.Graph.Input.Remove(input);
    }

    /// <summary>A weight in the model.</summary>
    private sealed record Stored(string[] Inputs, string Input, GroupFormat Format, double? SignalToNoise, double? RelativeError, double[]? Repair, string? Reason);
}

/// <summary>What happened to one layer's weight.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Op">MatMul, Gemm or Conv.</param>
/// <param name="Outputs">Rows of its weight.</param>
/// <param name="Inputs">Columns of its weight.</param>
/// <param name="Bits">4 or 8; 32 when the weight was left alone.</param>
/// <param name="SignalToNoise">Σw² / Σ(w − ŵ)² in decibels; null when nothing was lost or quantized.</param>
/// <param name="RelativeError">‖(W − Ŵ)X‖ / ‖WX‖ on calibration data held out; null without it.</param>
/// <param name="Reason">Why the weight was left alone or another method was used, or null.</param>
public sealed record GroupQuantizeReport(
    string Name, string Op, int Outputs, int Inputs, int Bits, double? SignalToNoise, double? RelativeError, string? Reason);
