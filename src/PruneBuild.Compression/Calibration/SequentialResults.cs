using PruneBuild.Graph;

namespace PruneBuild.Compression.Calibration;

/// <summary>Finished statistics of sites that were not handed out yet.</summary>
internal sealed class SequentialResults(bool paired)
{
    private readonly Dictionary<WeightSite, SiteStatistics> statistics = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<WeightSite, PairedSiteStatistics> pairs = new(ReferenceEqualityComparer.Instance);

    public void Add(SiteAccumulators accumulators)
    {
        foreach (var (site, found) in accumulators.Finish())
            statistics[site] = found;
        foreach (var (site, found) in paired ? accumulators.FinishPairs() : [])
            pairs[site] = found;
    }

    /// <summary>Hands out what belongs to some sites, so that its memory goes with the step.</summary>
    public SequentialStep Take(IReadOnlyList<WeightSite> sites, int index, int count)
    {
        var step = new SequentialStep(
            index, count, sites,
            new CalibrationStatistics(sites.ToDictionary(site => site.OutputName, site => statistics[site], StringComparer.Ordinal)),
            paired ? new CalibrationPairs(sites.ToDictionary(site => site.OutputName, site => pairs[site], StringComparer.Ordinal)) : null);
        foreach (var site in sites)
        {
            statistics.Remove(site);
            pairs.Remove(site);
        }
        return step;
    }
}
