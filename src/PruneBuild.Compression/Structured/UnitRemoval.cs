using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;
using PruneBuild.Graph.Dimensions;

namespace PruneBuild.Compression.Structured;

/// <summary>
/// Removes chosen units. The layers that read them are repaired at their full size, where statistics fit them, and cut afterwards;
/// classes whose edit is refused are left out before anything is repaired.
/// </summary>
internal static class UnitRemoval
{
    /// <summary>Repairs the readers, then cuts.</summary>
    /// <returns>Classes that were left out, each with the reason.</returns>
    public static Dictionary<DimensionClass, string> Remove(
        OnnxModel model, IReadOnlyList<CoupledUnits> units, List<DimensionSelection> chosen, IReadOnlyList<WeightSite> sites,
        CalibrationStatistics? statistics, StructuredOptions options, CancellationToken cancellation, out IReadOnlyList<ReaderReport> readers)
    {
        var refused = new Dictionary<DimensionClass, string>(ReferenceEqualityComparer.Instance);
        foreach (var selection in chosen)
            if (DimensionEdit.Refusal(model, [selection]) is { } reason)
                refused[selection.Class] = reason;
        var edits = chosen.Where(selection => !refused.ContainsKey(selection.Class) && selection.Units.Count < selection.Class.Size).ToList();

        var removed = new Dictionary<WeightSite, HashSet<int>>(ReferenceEqualityComparer.Instance);
        foreach (var selection in edits)
        {
            var gone = Enumerable.Range(0, selection.Class.Size).Except(selection.Units).ToList();
            foreach (var site in units.First(entry => ReferenceEquals(entry.Class, selection.Class)).Consumers)
            {
                if (!removed.TryGetValue(site.Site, out var columns))
                    removed[site.Site] = columns = [];
                columns.UnionWith(gone.SelectMany(unit => site.Lines[unit]));
            }
        }
        var reports = new List<ReaderReport>();
        foreach (var site in sites.Where(removed.ContainsKey))
        {
            var isShared = sites.Count(other => other.StoredName == site.StoredName) > 1;
            reports.Add(ReaderRecovery.Recover(model, site, removed[site], isShared, statistics, options, cancellation));
        }
        readers = reports;
        // Biases that recovery added are new members of other classes.
        var classes = DimensionClosure.Analyze(model);
        DimensionEdit.Select(model, [.. edits.Select(edit => edit with { Class = classes.First(found => found.IsSameAs(edit.Class)) })]);
        return refused;
    }
}
