namespace PruneBuild.Evaluation.Datasets;

/// <summary>Looks for everything about a dataset that makes scores wrong or weak.</summary>
public static class DatasetLint
{
    // Below so many cases of a class on average the numbers are no classes.
    private const int FewestOfAClass = 2;

    /// <summary>Reads every case once and checks it.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <returns>
    /// Errors: PB1010 to PB1013, PB1030, PB1031, PB1033, PB1035 what cannot be read, PB1061 no UTF-8, PB1062 too large, PB1051 and PB1052 a
    /// case (nearly) in two splits, PB1056 labels that contradict each other, PB1034 an id twice, PB1059 nothing that is right, PB1053 a
    /// version of other content. Warnings: PB1057 small slice, PB1058 rare class, PB1055 duplicate, PB1060 numbers that never differ,
    /// PB1063 long text.
    /// </returns>
    public static Findings Of(Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var scan = DatasetScan.Of(dataset, compareTexts: dataset.Splits.Count > 1);
        var findings = scan.Findings;
        LeakCheck.Exact(scan, findings);
        LeakCheck.Near(dataset, scan, findings);
        // What could not be read is missing from the hash; then the version says nothing.
        if (findings.Errors == 0) DatasetHash.Version(dataset, scan, findings);
        RepeatedIds(scan, findings);
        RepeatedInputs(scan, findings);
        MissingGold(scan, findings);
        SmallSlices(dataset, scan, findings);
        RareClasses(dataset, scan, findings);
        ConstantNumbers(scan, findings);
        return findings;
    }

    private static void RepeatedIds(DatasetScan scan, Findings findings)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in scan.Cases)
        {
            if (one.Id.Length > 0 && !ids.Add(one.Id)) findings.Error("PB1034", one.At, one.Id);
        }
    }

    private static void RepeatedInputs(DatasetScan scan, Findings findings)
    {
        var first = new Dictionary<UInt128, DatasetCase>();
        foreach (var one in scan.Cases)
        {
            if (one.Meaning is not { } meaning || first.TryAdd(meaning, one)) continue;
            var other = first[meaning];
            if (one.Gold is not null && other.Gold is not null && one.Gold != other.Gold)
                findings.Error("PB1056", one.At.Line == 0 ? one.At : one.GoldAt, one.Id, Shortened(one.Gold), other.Id, Shortened(other.Gold), other.Place);
            else if (one.Split == other.Split)
                findings.Warning("PB1055", one.At, one.Id, other.Id, other.Place);
        }
    }

    private static void MissingGold(DatasetScan scan, Findings findings)
    {
        foreach (var one in scan.Cases.Where(one => one.Gold is null && one.Split != DatasetSplit.Calibration)) findings.Error("PB1059", one.At, one.Id);
    }

    private static void SmallSlices(Dataset dataset, DatasetScan scan, Findings findings)
    {
        var slices = scan.Cases.Where(one => one.Split != DatasetSplit.Calibration && one.Slice.Length > 0).GroupBy(one => (one.Split, one.Slice));
        foreach (var slice in slices.Where(slice => slice.Count() < dataset.Limits.MinSlice))
            findings.Warning("PB1057", slice.First().At, slice.Key.Slice, slice.Key.Split, slice.Count(), dataset.Limits.MinSlice);
    }

    private static void RareClasses(Dataset dataset, DatasetScan scan, Findings findings)
    {
        foreach (var split in scan.Cases.Where(one => one.HasLabel).GroupBy(one => one.Split))
        {
            var classes = split.GroupBy(one => one.Gold!).Select(cases => (Label: cases.Key, Count: cases.Count(), Any: cases.First())).ToList();
            if (classes.Count < 2 || split.Count() < FewestOfAClass * classes.Count) continue;
            var rarest = classes.MinBy(one => (one.Count, one.Label));
            var most = classes.Max(one => one.Count);
            if (most > dataset.Limits.MaxImbalance * rarest.Count)
                findings.Warning("PB1058", rarest.Any.GoldAt, Shortened(rarest.Label), split.Key, rarest.Count, most, dataset.Limits.MaxImbalance);
        }
    }

    private static void ConstantNumbers(DatasetScan scan, Findings findings)
    {
        foreach (var (at, name, range) in scan.Features)
        {
            if (range.Constant is { Count: > 0 } constant) findings.Warning("PB1060", at, constant.Count, range.Features, name, constant[0]);
        }
    }

    private static string Shortened(string text) => text.Length > 60 ? string.Concat(text.AsSpan(0, 60), "…") : text;
}
