using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Calibration;

/// <summary>The statistics of one site's input on the edited and the dense stream, in two halves as <see cref="SiteStatistics"/>.</summary>
/// <param name="Fit">One for each channel group; empty when there is a reason.</param>
/// <param name="HoldOut">The same for the other half; may have seen no rows.</param>
/// <param name="Reason">Why there are none, or null.</param>
public sealed record PairedSiteStatistics(
    IReadOnlyList<PairedStatistics> Fit, IReadOnlyList<PairedStatistics> HoldOut, string? Reason = null)
{
    internal static PairedSiteStatistics None(string reason) => new([], [], reason);
}
