using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Calibration;

/// <summary>Folds the activations of one input tensor, as one kind of site sees them, into statistics.</summary>
internal sealed class SiteAccumulator
{
    /// <summary>Two halves of FP64 second moments take 4 GB at this many features.</summary>
    private const int MostFeatures = 16384;

    private readonly InputStatistics[] fit;
    private readonly InputStatistics[] holdOut;
    private readonly PairedStatistics[] pairedFit = [];
    private readonly PairedStatistics[] pairedHoldOut = [];
    private readonly ConvolutionGeometry? geometry;
    private readonly int features;
    private string? failure;

    private SiteAccumulator(string tensor, int features, int groups, ConvolutionGeometry? geometry, bool paired)
    {
        (Tensor, this.features, this.geometry) = (tensor, features, geometry);
        if (paired)
        {
            pairedFit = [.. Enumerable.Range(0, groups).Select(_ => new PairedStatistics(features))];
            pairedHoldOut = [.. Enumerable.Range(0, groups).Select(_ => new PairedStatistics(features))];
            fit = Array.ConvertAll(pairedFit, pair => pair.Edited);
            holdOut = Array.ConvertAll(pairedHoldOut, pair => pair.Edited);
            return;
        }
        fit = [.. Enumerable.Range(0, groups).Select(_ => new InputStatistics(features))];
        holdOut = [.. Enumerable.Range(0, groups).Select(_ => new InputStatistics(features))];
    }

    /// <summary>The activation to read.</summary>
    public string Tensor { get; }

    /// <summary>Sites with equal keys share an accumulator.</summary>
    public static (string Tensor, int Features, ConvolutionGeometry? Geometry) Key(WeightSite site, OnnxModel model) =>
        (site.InputName, site.Inputs, Geometry(site, model));

    /// <summary>An accumulator for a site, or the reason why there is none.</summary>
    public static (SiteAccumulator? Accumulator, string? Reason) For(WeightSite site, OnnxModel model, bool paired = false)
    {
        if (Refusal(site, model) is { } reason)
            return (null, reason);
        var geometry = Geometry(site, model);
        return (new SiteAccumulator(site.InputName, site.Inputs, geometry?.Groups ?? 1, geometry, paired), null);
    }

    /// <summary>Why a site cannot be calibrated, or null.</summary>
    public static string? Refusal(WeightSite site, OnnxModel model)
    {
        if (model.Weights.ContainsKey(site.InputName))
            return "the input is a constant";
        if (site.Kind == SiteKind.Gemm && site.Node.GetInt("transA", 0) != 0)
            return "the input is transposed";
        if (site.Inputs == 0 || site.Outputs == 0)
            return "the weight is empty";
        if (site.Inputs > MostFeatures)
            return $"the layer has {site.Inputs} input features, more than the {MostFeatures} that can be calibrated";
        return site.Kind == SiteKind.Conv && Geometry(site, model) is null ? "the convolution has more than two spatial dimensions" : null;
    }

    /// <summary>Memory of the accumulator of a site.</summary>
    public static long Bytes(WeightSite site) => 2L * site.Groups * site.Inputs * (site.Inputs + 1L) * sizeof(double);

    /// <summary>Adds one batch's activation.</summary>
    public void Add(ReadOnlySpan<float> data, ReadOnlySpan<long> shape, bool toHoldOut, int threads) =>
        Add(data, [], shape, (group, rows, _) => (toHoldOut ? holdOut : fit)[group].Add(rows, threads));

    /// <summary>Adds one batch's activation on both streams; it has one shape.</summary>
    public void AddPair(ReadOnlySpan<float> edited, ReadOnlySpan<float> dense, ReadOnlySpan<long> shape, bool toHoldOut, int threads) =>
        Add(edited, dense, shape, (group, rows, denseRows) => (toHoldOut ? pairedHoldOut : pairedFit)[group].Add(rows, denseRows, threads));

    private delegate void RowAdder(int group, ReadOnlySpan<float> first, ReadOnlySpan<float> second);

    private void Add(ReadOnlySpan<float> first, ReadOnlySpan<float> second, ReadOnlySpan<long> shape, RowAdder add)
    {
        if (failure is not null || first.IsEmpty)
            return;
        if (geometry is null)
        {
            if (shape.IsEmpty || shape[^1] != features)
                failure = $"the activation '{Tensor}' does not end in {features} features";
            else
                add(0, first, second);
            return;
        }
        if (Image(shape) is not { } image)
        {
            failure = $"the activation '{Tensor}' does not have the channels of the weight";
            return;
        }
        for (var group = 0; group < fit.Length; group++)
        {
            var current = group;
            Im2Col.Unfold(first, second, image, geometry, group, (rows, secondRows) => add(current, rows, secondRows));
        }
    }

    /// <summary>The result so far.</summary>
    public SiteStatistics Finish() => Reason() is { } reason ? SiteStatistics.None(reason) : new SiteStatistics(fit, holdOut);

    /// <summary>The result so far of an accumulator of pairs.</summary>
    public PairedSiteStatistics FinishPairs() =>
        Reason() is { } reason ? PairedSiteStatistics.None(reason) : new PairedSiteStatistics(pairedFit, pairedHoldOut);

    private string? Reason()
    {
        if (failure is not null)
            return failure;
        if (fit[0].Count == 0)
            return $"no calibration case reached '{Tensor}'";
        return fit.Concat(holdOut).All(statistics => statistics.IsFinite()) && pairedFit.Concat(pairedHoldOut).All(pair => pair.IsFinite())
            ? null
            : $"the activation '{Tensor}' holds values that are not finite";
    }

    private (int N, int C, int H, int W)? Image(ReadOnlySpan<long> shape)
    {
        (int N, int C, int H, int W)? image = shape.Length switch
        {
            3 => ((int)shape[0], (int)shape[1], 1, (int)shape[2]),
            4 => ((int)shape[0], (int)shape[1], (int)shape[2], (int)shape[3]),
            _ => null,
        };
        return image is { } size && size.C % geometry!.Groups == 0
            && size.C / geometry.Groups * geometry.KernelHeight * geometry.KernelWidth == features
                ? image
                : null;
    }

    private static ConvolutionGeometry? Geometry(WeightSite site, OnnxModel model) =>
        site.Kind == SiteKind.Conv ? ConvolutionGeometry.Of(site.Node, model.Weights[site.StoredName].Shape) : null;
}
