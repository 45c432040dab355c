using PruneBuild.Graph;

namespace PruneBuild.Compression.Calibration;

/// <summary>Accumulators of some sites; sites that see the same rows share one.</summary>
internal sealed class SiteAccumulators
{
    private readonly Dictionary<object, SiteAccumulator> byKey = [];
    private readonly List<(WeightSite Site, SiteAccumulator? Accumulator, string? Reason)> bySite = [];

    /// <param name="model">The sites' model.</param>
    /// <param name="sites">The sites.</param>
    /// <param name="paired">Whether the accumulators take two streams.</param>
    public SiteAccumulators(OnnxModel model, IEnumerable<WeightSite> sites, bool paired = false)
    {
        foreach (var site in sites)
        {
            var (accumulator, reason) = SiteAccumulator.For(site, model, paired);
            if (accumulator is not null && !byKey.TryAdd(SiteAccumulator.Key(site, model), accumulator))
                accumulator = byKey[SiteAccumulator.Key(site, model)];
            bySite.Add((site, accumulator, reason));
        }
    }

    /// <summary>Each accumulator once.</summary>
    public IReadOnlyList<SiteAccumulator> Distinct => [.. byKey.Values];

    /// <summary>The statistics of every site, or the reason why it has none.</summary>
    public IEnumerable<(WeightSite Site, SiteStatistics Statistics)> Finish()
    {
        var finished = byKey.Values.ToDictionary(accumulator => accumulator, accumulator => accumulator.Finish());
        return bySite.Select(one => (one.Site, one.Accumulator is null ? SiteStatistics.None(one.Reason!) : finished[one.Accumulator]));
    }

    /// <summary>The same of accumulators that took two streams.</summary>
    public IEnumerable<(WeightSite Site, PairedSiteStatistics Pairs)> FinishPairs()
    {
        var finished = byKey.Values.ToDictionary(accumulator => accumulator, accumulator => accumulator.FinishPairs());
        return bySite.Select(one => (one.Site, one.Accumulator is null ? PairedSiteStatistics.None(one.Reason!) : finished[one.Accumulator]));
    }
}
