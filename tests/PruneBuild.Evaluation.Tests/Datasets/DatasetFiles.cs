using PruneBuild.Evaluation.Datasets;

namespace PruneBuild.Evaluation.Tests.Datasets;

/// <summary>Small datasets in a folder.</summary>
internal static class DatasetFiles
{
    public const string NoLimits = """{ "minSlice": 1, "maxImbalance": 1000000 }""";

    public static string Manifest(string splits, string version = "1.0.0", string lint = NoLimits) =>
        $$"""
        {
          // people may write notes here
          "name": "made", "version": "{{version}}",
          "splits": { {{splits}} },
          "lint": {{lint}}
        }
        """;

    public static string Line(string id, string input, string label = "0", string slice = "common", string more = "") =>
        $$"""{"id":"{{id}}","slice":"{{slice}}","input":{{input}},"label":{{label}}{{more}}}""";

    /// <summary>A dataset whose splits have one file each, <c>SPLIT.jsonl</c>.</summary>
    public static string Write(TemporaryFolder folder, string lint, params (string Split, string[] Lines)[] splits)
    {
        foreach (var (split, lines) in splits) folder.Write($"{split}.jsonl", string.Join('\n', lines) + "\n");
        return folder.Write(Dataset.FileName, Manifest(string.Join(", ", splits.Select(one => $"\"{one.Split}\": [\"{one.Split}.jsonl\"]")), lint: lint));
    }

    /// <summary>What the lint finds in a gate split of these lines, without the missing version.</summary>
    public static Findings Lint(TemporaryFolder folder, params string[] lines) => Lint(folder, NoLimits, ("gate", lines));

    public static Findings Lint(TemporaryFolder folder, string lint, params (string Split, string[] Lines)[] splits)
    {
        var path = Write(folder, lint, splits);
        try
        {
            DatasetBump.Apply(path, step: null);
        }
        catch (Diagnostics.PruneBuildException)
        {
            // What cannot be read has no hash; the lint says so itself.
        }
        return DatasetLint.Of(Dataset.Load(path));
    }
}
