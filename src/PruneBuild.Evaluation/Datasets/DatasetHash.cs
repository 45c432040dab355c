using System.Security.Cryptography;
using System.Text;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>Hashes of all cases of a dataset, and the check that they are those of its version.</summary>
public static class DatasetHash
{
    /// <summary>Reads all cases and hashes them.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <exception cref="PruneBuildException">The first thing that cannot be read: PB1010, PB1012, PB1013, PB1030, PB1031, PB1033, PB1035,
    /// PB1061 or PB1062 at its place.</exception>
    public static DatasetContent Of(Dataset dataset) => Of(Readable(dataset));

    /// <summary>Checks what the floors rely on: the content is that of the version and no case is in two splits.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <exception cref="PruneBuildException">PB1051 at the case that is in two splits, PB1053 at the version; as <see cref="Of(Dataset)"/>
    /// where cases cannot be read.</exception>
    public static void Check(Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var scan = Readable(dataset);
        var findings = new Findings();
        LeakCheck.Exact(scan, findings);
        Version(dataset, scan, findings);
        if (findings.Errors > 0) throw new PruneBuildException(findings.Kept[0]);
    }

    internal static DatasetContent Of(DatasetScan scan) => new(
        Root(scan, one => one.Hash),
        Root(scan, one => one.Scored),
        scan.Cases.GroupBy(one => one.Split).ToDictionary(split => split.Key, split => split.Count(), StringComparer.Ordinal));

    internal static void Version(Dataset dataset, DatasetScan scan, Findings findings)
    {
        if (dataset.Version is null) return;
        var now = Of(scan);
        if (dataset.Content is null) findings.Error("PB1053", dataset.VersionAt, dataset.Name, dataset.Version, "no hash is recorded yet");
        else if (dataset.Content.Hash != now.Hash) findings.Error("PB1053", dataset.VersionAt, dataset.Name, dataset.Version, Difference(dataset.Content, now));
    }

    private static DatasetScan Readable(Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var scan = DatasetScan.Of(dataset);
        return scan.Findings.Errors == 0 ? scan : throw new PruneBuildException(scan.Findings.Kept[0]);
    }

    // The name of the split is part of it: a case that moves to another split is a change.
    private static string Root(DatasetScan scan, Func<DatasetCase, byte[]> hashOf)
    {
        using var root = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var split in DatasetSplit.Names)
        {
            byte[][] hashes = [.. scan.Cases.Where(one => one.Split == split).Select(hashOf)];
            if (hashes.Length == 0) continue;
            Array.Sort(hashes, (left, right) => left.AsSpan().SequenceCompareTo(right));
            root.AppendData(Encoding.UTF8.GetBytes($"{split}\0"));
            foreach (var hash in hashes) root.AppendData(hash);
        }
        return Convert.ToHexStringLower(root.GetHashAndReset());
    }

    private static string Difference(DatasetContent before, DatasetContent now)
    {
        var counts = DatasetSplit.Names
            .Where(split => before.Cases.GetValueOrDefault(split) != now.Cases.GetValueOrDefault(split))
            .Select(split => FormattableString.Invariant($"{now.Cases.GetValueOrDefault(split)} instead of {before.Cases.GetValueOrDefault(split)} cases in '{split}'"));
        var text = string.Join(", ", counts);
        if (text.Length > 0) return text;
        return now.Scored == before.Scored ? "tags, provenance or notes changed" : "cases changed";
    }
}
