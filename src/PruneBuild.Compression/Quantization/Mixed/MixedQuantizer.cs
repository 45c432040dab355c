using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Stores every weight in the precision chosen for it: 4 and 8 bits in groups for <c>MatMulNBits</c>, and 8 bits with a scale for each output
/// where no operator reads groups, as of convolutions.
/// </summary>
public static class MixedQuantizer
{
    /// <summary>The first half: weights of 8 bits that no operator reads in groups.</summary>
    /// <param name="model">Edited.</param>
    /// <param name="chosen">By initializer; weights that are not in it stay float.</param>
    /// <param name="options">How.</param>
    /// <param name="statistics">Of the model as it is; null when the method needs none.</param>
    /// <param name="cancellation">Observed between weights.</param>
    /// <returns>Reasons of layers of 8 bits that had to stay float, by layer.</returns>
    public static IReadOnlyDictionary<string, string> Channels(
        OnnxModel model, IReadOnlyDictionary<string, WeightPrecision> chosen, GroupQuantizeOptions options, CalibrationStatistics? statistics,
        CancellationToken cancellation = default)
    {
        var sites = WeightSites.Find(model);
        var byChannel = sites.Where(site => Of(chosen, site) == WeightPrecision.EightBit && PrecisionChoices.Obstacle(model, site, options, statistics) is not null)
            .Select(site => site.StoredName).ToHashSet(StringComparer.Ordinal);
        if (byChannel.Count == 0)
            return new Dictionary<string, string>();
        var reports = ModelQuantizer.Quantize(
            model, new QuantizeOptions
            {
                Skip = options.Skip, Only = site => byChannel.Contains(site.StoredName), BiasStatistics = options.BiasCorrection ? statistics : null,
            }, cancellation: cancellation);
        return sites.Zip(reports).Where(pair => byChannel.Contains(pair.First.StoredName) && pair.Second.Reason is not null)
            .ToDictionary(pair => pair.First.Name, pair => pair.Second.Reason!, StringComparer.Ordinal);
    }

    /// <summary>The second half: weights in groups.</summary>
    /// <param name="model">Edited.</param>
    /// <param name="chosen">By initializer; weights that are not in it stay float.</param>
    /// <param name="options">How.</param>
    /// <param name="statistics">Of the model as it is; null when the method needs none.</param>
    /// <param name="progress">Told after every layer; may be null.</param>
    /// <param name="cancellation">Observed between layers.</param>
    public static IReadOnlyList<GroupQuantizeReport> Groups(
        OnnxModel model, IReadOnlyDictionary<string, WeightPrecision> chosen, GroupQuantizeOptions options, CalibrationStatistics? statistics,
        IProgress<Pruning.LayerProgress>? progress = null, CancellationToken cancellation = default) =>
        GroupModelQuantizer.Quantize(model, options with { Bits = site => BitsOf(Of(chosen, site)) }, statistics, progress, cancellation);

    /// <summary>Both halves.</summary>
    public static void Quantize(
        OnnxModel model, IReadOnlyDictionary<string, WeightPrecision> chosen, GroupQuantizeOptions options, CalibrationStatistics? statistics,
        CancellationToken cancellation = default)
    {
        Channels(model, chosen, options, statistics, cancellation);
        Groups(model, chosen, options, statistics, cancellation: cancellation);
    }

    /// <summary>Bits of a precision in groups; null for floats.</summary>
    public static int? BitsOf(WeightPrecision precision) => precision switch
    {
        WeightPrecision.FourBit => 4,
        WeightPrecision.EightBit => 8,
        _ => null,
    };

    private static WeightPrecision Of(IReadOnlyDictionary<string, WeightPrecision> chosen, WeightSite site) =>
        chosen.GetValueOrDefault(site.StoredName, WeightPrecision.FullPrecision);
}
