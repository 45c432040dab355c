using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Statistics;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Scales;

namespace PruneBuild.Compression.Redistribution;

/// <summary>
/// Moves a positive scale a channel from the weights that read it to those that make it, wherever the graph allows that exactly
/// (<see cref="ScaleClosure"/>, <see cref="ValuePath"/>). Groups go from the model's end to its start, and the gain of a batch
/// normalization always goes into the weight before it, so that a row shows how loud its channel is.
/// </summary>
public abstract class ScaleFolding : IRedistribution
{
    // AWQ keeps its scales in the same range (Lin et al. 2024).
    private const double LargestRatio = 1e4;

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract bool NeedsStatistics { get; }

    /// <inheritdoc/>
    public RedistributionResult Apply(OnnxModel model, CalibrationStatistics? statistics, CancellationToken cancellation = default)
    {
        if (NeedsStatistics && statistics is null)
            throw new PruneBuildException("PB3003", Name);
        Prepare(model);
        var groups = ScaleClosure.Analyze(model).Concat(ValuePath.Find(model).Select(path => path.Group())).ToList();
        var sites = WeightSites.Find(model);
        var gains = new NormalizationGains(groups);
        gains.Fold(model);
        var reports = new List<RedistributedGroup>();
        foreach (var group in groups.Where(group => !gains.IsGain(group)).Reverse())
        {
            cancellation.ThrowIfCancellationRequested();
            var (scales, reason) = group.Reason is not null ? (null, group.Reason) : Choose(new ScaledLayers(model, group, sites, gains, statistics));
            reports.Add(new RedistributedGroup(group.Name, group.Units, reason));
            if (scales is null)
                continue;
            var bounded = Bounded(scales);
            group.Apply(model, bounded);
            gains.Fold(model, group);
            statistics = statistics?.Mapped(Maps(group, sites, bounded));
        }
        reports.Reverse();
        return new RedistributionResult(statistics, reports);
    }

    /// <summary>Makes the model such that more channels can follow; it computes the same.</summary>
    private protected virtual void Prepare(OnnxModel model)
    {
    }

    /// <summary>The scales of a group, [units]; NaN for a channel of which nothing is known; or why there are none.</summary>
    private protected abstract (double[]? Scales, string? Reason) Choose(ScaledLayers layers);

    /// <summary>Around 1, and never so small or large that a channel would be lost in rounding; 1 for NaN.</summary>
    private protected static double[] Bounded(double[] scales)
    {
        var positive = scales.Where(scale => scale > 0).ToList();
        var center = positive.Count == 0 ? 1 : Math.Exp(positive.Average(Math.Log));
        return Array.ConvertAll(scales, scale => double.IsNaN(scale) ? 1 : Math.Clamp(scale / center, 1 / LargestRatio, LargestRatio));
    }

    private static Dictionary<string, Func<InputStatistics, int, InputStatistics>> Maps(ScaleGroup group, IReadOnlyList<WeightSite> sites, double[] scales)
    {
        var maps = new Dictionary<string, Func<InputStatistics, int, InputStatistics>>(StringComparer.Ordinal);
        foreach (var consumer in group.Consumers)
        {
            if (sites.FirstOrDefault(site => ReferenceEquals(site.Node, consumer.Node)) is not { } site)
                continue;
            var channels = new double[site.Channels * site.Groups];
            Array.Fill(channels, 1);
            for (var unit = 0; unit < scales.Length; unit++)
                foreach (var channel in consumer.Member.Indices(unit))
                    channels[channel] = scales[unit];
            maps[site.OutputName] = (known, channelGroup) => known.Scaled(
                [.. Enumerable.Range(0, site.Inputs).Select(column => channels[(channelGroup * site.Channels) + (column % site.Channels)])]);
        }
        return maps;
    }
}
