namespace PruneBuild.Evaluation.Datasets;

/// <summary>
/// Finds cases of one split in another: what a model was fitted to, or chosen by, must not judge it. The split that must stay more unseen
/// (gate before dev before calibration) is where a leak is reported.
/// </summary>
internal static class LeakCheck
{
    /// <summary>Inputs that say the same (PB1051).</summary>
    public static void Exact(DatasetScan scan, Findings findings)
    {
        var first = new Dictionary<UInt128, DatasetCase>();
        foreach (var one in scan.Cases)
        {
            if (one.Meaning is not { } meaning) continue;
            if (first.TryAdd(meaning, one) || first[meaning] is not { } other || other.Split == one.Split) continue;
            findings.Error("PB1051", one.At, one.Id, one.Split, other.Id, other.Split, other.Place);
        }
    }

    /// <summary>Texts that are nearly the same (PB1052). Needs a scan that compares texts.</summary>
    public static void Near(Dataset dataset, DatasetScan scan, Findings findings)
    {
        var candidates = Candidates(scan.Cases);
        if (candidates.Count == 0) return;
        var shingles = CaseTexts.Read(dataset, scan.Cases, candidates.SelectMany(pair => (int[])[pair.Key, .. pair.Value]).ToHashSet());
        foreach (var (index, others) in candidates)
        {
            var one = scan.Cases[index];
            foreach (var otherIndex in others)
            {
                var similarity = Shingles.Jaccard(shingles[index], shingles[otherIndex]);
                if (similarity < dataset.Limits.Similarity) continue;
                var other = scan.Cases[otherIndex];
                findings.Error("PB1052", one.At, one.Id, one.Split, FormattableString.Invariant($"{similarity:F2}"), other.Id, other.Split, other.Place);
                break;
            }
        }
    }

    /// <summary>For cases, those of earlier splits that share a band, in order. Of a band only a few are looked at: texts of one template fill it.</summary>
    private static SortedDictionary<int, SortedSet<int>> Candidates(IReadOnlyList<DatasetCase> cases)
    {
        const int MostOfABand = 8;
        var candidates = new SortedDictionary<int, SortedSet<int>>();
        for (var band = 0; band < MinHash.Bands; band++)
        {
            var buckets = new Dictionary<UInt128, List<int>>();
            for (var i = 0; i < cases.Count; i++)
            {
                if (cases[i].Signature is not { } signature) continue;
                var key = MinHash.Band(signature, band);
                if (!buckets.TryGetValue(key, out var bucket)) buckets[key] = bucket = [];
                foreach (var other in bucket)
                {
                    if (cases[other].Split == cases[i].Split || cases[other].Meaning == cases[i].Meaning) continue;
                    if (!candidates.TryGetValue(i, out var others)) candidates[i] = others = [];
                    others.Add(other);
                }
                if (bucket.Count(other => cases[other].Split == cases[i].Split) < MostOfABand) bucket.Add(i);
            }
        }
        return candidates;
    }
}
