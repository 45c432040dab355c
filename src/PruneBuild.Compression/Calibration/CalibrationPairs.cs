using PruneBuild.Graph;

namespace PruneBuild.Compression.Calibration;

/// <summary>The paired statistics of some sites. Sites that see the same rows share one object.</summary>
public sealed class CalibrationPairs
{
    private readonly Dictionary<string, PairedSiteStatistics> byOutput;

    internal CalibrationPairs(Dictionary<string, PairedSiteStatistics> byOutput) => this.byOutput = byOutput;

    /// <summary>The statistics of a site; a reason instead when the site was not calibrated.</summary>
    public PairedSiteStatistics For(WeightSite site) =>
        byOutput.TryGetValue(site.OutputName, out var found) ? found : PairedSiteStatistics.None("the layer was not calibrated");
}
