namespace PruneBuild.Evaluation.Datasets;

/// <summary>
/// What a version of a dataset holds, as hashes. White space, the order of keys and the order of lines do not move them; any other change
/// of a case does. Written by <c>prunebuild dataset bump</c> under the key <c>content</c> of <c>dataset.json</c>.
/// </summary>
/// <param name="Hash">SHA-256 over the sorted hashes of all cases of every split, lower-case hexadecimal.</param>
/// <param name="Scored">The same without the keys that no score depends on: <c>tags</c>, <c>provenance</c> and <c>note</c>.</param>
/// <param name="Cases">Number of cases by split.</param>
public sealed record DatasetContent(string Hash, string Scored, IReadOnlyDictionary<string, int> Cases)
{
    internal static DatasetContent Parse(JsonSection section)
    {
        section.AllowOnly("hash", "scored", "cases");
        var cases = section.Section("cases");
        cases.AllowOnly([.. DatasetSplit.Names]);
        return new DatasetContent(
            section.Text("hash"),
            section.Text("scored"),
            DatasetSplit.Names.Where(cases.Has).ToDictionary(name => name, name => cases.WholeNumber(name, 0, int.MaxValue), StringComparer.Ordinal));
    }

    /// <summary>
    /// The least step of the version from what was recorded to this content: patch when nothing that is scored changed, minor when
    /// cases were added to splits and none went, major for anything else. Additions together with changes are taken for minor, since
    /// hashes of whole splits cannot tell them apart; who changed cases chooses major.
    /// </summary>
    public VersionStep LeastStepFrom(DatasetContent before)
    {
        ArgumentNullException.ThrowIfNull(before);
        if (Scored == before.Scored) return VersionStep.Patch;
        var isSmaller = before.Cases.Any(split => Cases.GetValueOrDefault(split.Key) < split.Value);
        var isLarger = Cases.Any(split => before.Cases.GetValueOrDefault(split.Key) < split.Value);
        return isLarger && !isSmaller ? VersionStep.Minor : VersionStep.Major;
    }
}
