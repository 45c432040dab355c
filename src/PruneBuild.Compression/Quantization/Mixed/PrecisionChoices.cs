using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Compression.Quantization;

/// <summary>A weight and the precisions that it may have, from few bits to many.</summary>
/// <param name="Name">The initializer.</param>
/// <param name="Sites">The layers that use it.</param>
/// <param name="Precisions">At least one.</param>
/// <param name="Reason">Why others are missing, or null.</param>
internal sealed record PrecisionChoices(string Name, IReadOnlyList<WeightSite> Sites, IReadOnlyList<WeightPrecision> Precisions, string? Reason)
{
    /// <summary>Of every weight, in the order of their first use.</summary>
    public static IReadOnlyList<PrecisionChoices> Of(OnnxModel model, MixedOptions options, CalibrationStatistics? statistics)
    {
        var sites = WeightSites.Find(model);
        var channels = SharedWeight.Group(model, sites).ToDictionary(weight => weight.Sites[0].StoredName, weight => weight.Refusal, StringComparer.Ordinal);
        return [.. sites.GroupBy(site => site.StoredName).Select(group =>
        {
            var (precisions, reason) = Allowed(model, [.. group], sites, channels.GetValueOrDefault(group.Key), options, statistics);
            return new PrecisionChoices(group.Key, [.. group], precisions, reason);
        })];
    }

    /// <summary>Why a layer cannot be stored in groups, or null.</summary>
    public static string? Obstacle(OnnxModel model, WeightSite site, GroupQuantizeOptions options, CalibrationStatistics? statistics) =>
        GroupModelQuantizer.Refusal(model, site, options)
        ?? (options.Method.NeedsStatistics && statistics?.For(site) is { Fit.Count: not 1 } known ? known.Reason ?? "the layer was not calibrated" : null);

    private static (IReadOnlyList<WeightPrecision> Precisions, string? Reason) Allowed(
        OnnxModel model, IReadOnlyList<WeightSite> users, IReadOnlyList<WeightSite> sites, string? channels, MixedOptions options, CalibrationStatistics? statistics)
    {
        if (users[0].Storage != WeightStorage.FullPrecision)
            return ([WeightPrecision.FullPrecision], "the weight is already quantized");
        if (Named(options.Groups.Skip, users))
            return ([WeightPrecision.FullPrecision], "skipped by the recipe");
        var refusal = users.Select(site => Obstacle(model, site, options.Groups, statistics)).FirstOrDefault(reason => reason is not null);
        var canHaveEight = refusal is null || channels is null;
        if (Named(options.Groups.EightBit, users))
            return canHaveEight ? ([WeightPrecision.EightBit], "8 bits, as the recipe asks") : ([WeightPrecision.FullPrecision], refusal);
        var isProtected = options.Groups.ProtectFirstLast && users.Any(site => GroupModelQuantizer.IsEnd(site, sites));
        var found = new[] { WeightPrecision.FourBit, WeightPrecision.EightBit, WeightPrecision.FullPrecision }
            .Where(options.Precisions.Contains)
            .Where(precision => precision switch
            {
                WeightPrecision.FourBit => refusal is null && !isProtected,
                WeightPrecision.EightBit => canHaveEight,
                _ => true,
            }).ToList();
        var reason = refusal ?? (isProtected ? "the first or the last layer is protected" : null);
        // Protected without a choice of 8 bits, or a convolution where only 4 are allowed.
        return found.Count > 0 ? (found, reason) : ([isProtected && canHaveEight ? WeightPrecision.EightBit : WeightPrecision.FullPrecision], reason);
    }

    private static bool Named(IReadOnlyList<string> globs, IReadOnlyList<WeightSite> users) => globs.Any(glob => users.Any(site => LayerNames.Match(glob, site)));
}
