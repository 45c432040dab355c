namespace PruneBuild.Evaluation.Datasets;

/// <summary>Reads the texts of a few cases again: only their shingles were worth keeping, and those of all cases would fill the memory.</summary>
internal static class CaseTexts
{
    /// <summary>Shingles by index of the case.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="cases">Its cases.</param>
    /// <param name="wanted">Indices of cases in JSONL files.</param>
    public static IReadOnlyDictionary<int, ulong[]> Read(Dataset dataset, IReadOnlyList<DatasetCase> cases, IReadOnlySet<int> wanted)
    {
        var shingles = new Dictionary<int, ulong[]>();
        foreach (var file in wanted.Order().GroupBy(index => cases[index].At.File))
        {
            using var stream = File.OpenRead(file.Key);
            var lines = new BoundedLines(stream, dataset.Limits.MaxCaseBytes);
            foreach (var index in file)
            {
                while (lines.Number < cases[index].At.Line && lines.Read())
                {
                }
                using var line = CaseLine.Parse(lines.Line, file.Key, lines.Number);
                shingles[index] = Shingles.Of(InputTexts.Of(line.Json.GetProperty("input")), dataset.Limits.ShingleWords);
            }
        }
        return shingles;
    }
}
