using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Calibration;

/// <summary>The statistics of one site's input, in two halves: even batches to fit, odd ones to check the fit.</summary>
/// <param name="Fit">One for each channel group; empty when there is a reason.</param>
/// <param name="HoldOut">The same for the other half; may have seen no rows.</param>
/// <param name="Reason">Why there are none, or null.</param>
public sealed record SiteStatistics(IReadOnlyList<InputStatistics> Fit, IReadOnlyList<InputStatistics> HoldOut, string? Reason = null)
{
    internal static SiteStatistics None(string reason) => new([], [], reason);
}
