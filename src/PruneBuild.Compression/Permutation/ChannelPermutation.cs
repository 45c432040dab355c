using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Pruning;
using PruneBuild.Graph;
using PruneBuild.Graph.Dimensions;

namespace PruneBuild.Compression.Permutation;

/// <summary>What reordering the units of one class was worth.</summary>
/// <param name="Name">The class: its first layer.</param>
/// <param name="Units">Channels or neurons.</param>
/// <param name="Before">Score kept by the pattern beyond its threshold, in the order the model had.</param>
/// <param name="After">The same in the new order.</param>
/// <param name="Reason">Why the order stayed, or null.</param>
public sealed record ClassPermutation(string Name, int Units, double Before, double After, string? Reason);

/// <summary>
/// Reorders channels and neurons so that what matters shares blocks or avoids sharing a window, before anything is pruned. The
/// model computes the same as before, and the device pays nothing: producers' rows and consumers' columns move together (Pool and
/// Yu 2021, "Channel Permutations for N:M Sparsity", here for blocks as well and for both sides at once). The search swaps pairs of
/// units in a fixed order while that raises the score that the pattern keeps.
/// </summary>
public static class ChannelPermutation
{
    private const int MostPasses = 20;
    private const double LeastGain = 1e-7;

    /// <summary>Additions that one class may take: about ten seconds.</summary>
    private const double MostOperations = 2e10;

    /// <summary>Reorders every class that is understood.</summary>
    /// <param name="model">Edited; its outputs stay the same but for rounding.</param>
    /// <param name="options">How the model will be pruned.</param>
    /// <param name="statistics">Of the model; null to score by magnitude.</param>
    /// <param name="cancellation">Observed between classes.</param>
    /// <returns>The statistics in the new order, and a report a class.</returns>
    public static (CalibrationStatistics? Statistics, IReadOnlyList<ClassPermutation> Classes) Run(
        OnnxModel model, PruneOptions options, CalibrationStatistics? statistics, CancellationToken cancellation = default)
    {
        var reports = new List<ClassPermutation>();
        var count = DimensionClosure.Analyze(model).Count;
        for (var index = 0; index < count; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            // Every edit makes the analysis stale; the order of the classes stays.
            var found = DimensionClosure.Analyze(model)[index];
            var (report, order) = Search(model, found, options, statistics);
            if (order is not null && DimensionEdit.Refusal(model, [new DimensionSelection(found, order)]) is { } refusal)
                (report, order) = (report with { After = report.Before, Reason = refusal }, null);
            reports.Add(report);
            if (order is null)
                continue;
            var consumers = ColumnOrders(model, found, order);
            DimensionEdit.Select(model, found, order);
            statistics = statistics?.Reordered(consumers);
        }
        return (statistics, reports);
    }

    private static (ClassPermutation Report, int[]? Order) Search(
        OnnxModel model, DimensionClass found, PruneOptions options, CalibrationStatistics? statistics)
    {
        ClassPermutation Stays(string reason) => new(found.Name, found.Size, 0, 0, reason);
        if (found.FrozenReason is { } frozen)
            return (Stays(frozen), null);
        if (found.Members.Any(member => member.Outer != 1 || member.Inner != 1 || member.Units.Any(unit => unit.Count != 1)))
            return (Stays("a unit is more than one channel"), null);
        var terms = Terms(model, found, options, statistics).ToList();
        if (terms.Count == 0)
            return (Stays("no layer of the class is pruned in a pattern whose groups the order changes"), null);

        var order = Enumerable.Range(0, found.Size).ToArray();
        var before = terms.Sum(term => term.Value());
        var (left, cost) = (MostOperations, terms.Sum(term => term.Cost));
        for (var pass = 0; pass < MostPasses; pass++)
        {
            var swapped = false;
            for (var first = 0; first < order.Length && left > 0; first++)
            {
                for (var second = first + 1; second < order.Length; second++)
                {
                    left -= cost;
                    if (terms.Sum(term => term.Gain(first, second)) <= LeastGain * before)
                        continue;
                    foreach (var term in terms)
                        term.Swap(first, second);
                    (order[first], order[second]) = (order[second], order[first]);
                    swapped = true;
                }
            }
            if (!swapped)
                break;
        }
        return (new ClassPermutation(found.Name, found.Size, before, terms.Sum(term => term.Value()), null), order);
    }

    private static IEnumerable<AxisTerm> Terms(OnnxModel model, DimensionClass found, PruneOptions options, CalibrationStatistics? statistics)
    {
        foreach (var weight in ModelPruner.Weights(model, WeightSites.Find(model), options))
        {
            var site = weight.Sites[0];
            var pattern = WeightPruner.PatternOf(weight, options);
            if (site.Groups != 1 || WeightPruner.Refusal(weight, options, statistics?.For(site)) is not null)
                continue;
            var rows = found.Producers.Contains(site.Node) ? Member(model, found, site, SiteAxis.Output) : null;
            var columns = found.Consumers.Contains(site.Node) ? Member(model, found, site, SiteAxis.Input) : null;
            if (rows is null && columns is null)
                continue;
            var sparsity = WeightPruner.Override(weight, options)?.Sparsity ?? options.Sparsity;
            var scores = ScoreMatrix.Of(model, site, statistics?.For(site));
            if (rows is not null && pattern.UnitRows > 1)
                yield return ScoreMatrix.RowTerm(scores, site, Positions(rows), pattern, sparsity);
            if (columns is not null && pattern.UnitColumns > 1 && site.Channels % pattern.UnitColumns == 0)
                yield return ScoreMatrix.ColumnTerm(scores, site, Positions(columns), pattern, sparsity);
            if (columns is not null && pattern.Window > 1 && site.Channels % pattern.Window == 0)
                yield return ScoreMatrix.ColumnWindowTerm(scores, site, Positions(columns), pattern);
        }
    }

    private static DimensionMember? Member(OnnxModel model, DimensionClass found, WeightSite site, SiteAxis side) =>
        found.Members.FirstOrDefault(member => member.Tensor == site.StoredName && member.Axis == Axis(model, site, side));

    private static int Axis(OnnxModel model, WeightSite site, SiteAxis side) => site.Kind == SiteKind.Conv
        ? (int)side
        : model.Weights[site.StoredName].Shape.Count - 2 + (site.Transposed ? 1 - (int)side : (int)side);

    private static int[] Positions(DimensionMember member) => [.. Enumerable.Range(0, member.Units.Count).Select(unit => member.Indices(unit).Single())];

    /// <summary>For every site that reads the class, the old column that each new one holds.</summary>
    private static Dictionary<string, int[]> ColumnOrders(OnnxModel model, DimensionClass found, int[] order)
    {
        var orders = new Dictionary<string, int[]>(StringComparer.Ordinal);
        foreach (var site in WeightSites.Find(model).Where(site => found.Consumers.Contains(site.Node)))
        {
            if (Member(model, found, site, SiteAxis.Input) is not { } member)
                continue;
            var channels = Enumerable.Range(0, site.Channels).ToArray();
            var positions = Positions(member);
            for (var unit = 0; unit < order.Length; unit++)
                channels[positions[unit]] = positions[order[unit]];
            orders[site.OutputName] = [.. Enumerable.Range(0, site.Inputs).Select(column => (column / site.Channels * site.Channels) + channels[column % site.Channels])];
        }
        return orders;
    }

    private enum SiteAxis
    {
        Output,
        Input,
    }
}
