using System.Text;
using System.Text.Json;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>Moves the version of a dataset with its content. Only the two values are replaced; the rest of the file stays as it was written.</summary>
public static class DatasetBump
{
    private static readonly JsonReaderOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>
    /// Writes the hash of the content and the version that it gets: the present one when none was recorded yet, otherwise the next of the step.
    /// </summary>
    /// <param name="path">The <c>dataset.json</c>.</param>
    /// <param name="step">How the version moves; null for the least step that the change allows.</param>
    /// <returns>The version before and after, and whether anything changed.</returns>
    /// <exception cref="PruneBuildException">PB1054 at the version when the step is too small; as <see cref="DatasetHash.Of(Dataset)"/>.</exception>
    public static (SemanticVersion Before, SemanticVersion After, bool Changed) Apply(string path, VersionStep? step)
    {
        var dataset = Dataset.Load(path);
        var now = DatasetHash.Of(dataset);
        var before = dataset.Version!.Value;
        if (dataset.Content is { } recorded && recorded.Hash == now.Hash && step is null) return (before, before, false);
        var after = dataset.Content is null && step is null ? before : before.Next(Allowed(dataset, now, step));
        AtomicFile.WriteText(dataset.File, Edited(File.ReadAllText(dataset.File), after, now));
        return (before, after, true);
    }

    private static VersionStep Allowed(Dataset dataset, DatasetContent now, VersionStep? step)
    {
        var least = dataset.Content is null ? VersionStep.Patch : now.LeastStepFrom(dataset.Content);
        if (step is not { } asked || asked >= least) return step ?? least;
        throw dataset.VersionAt.Error(
            "PB1054", dataset.Version, Name(asked), least == VersionStep.Major ? "cases went or changed" : "cases were added", Name(least));
    }

    private static string Name(VersionStep step) => step.ToString().ToLowerInvariant();

    private static string Edited(string text, SemanticVersion version, DatasetContent content)
    {
        // The file was parsed before, so both values are where they are expected; a byte order mark is not part of the text.
        var bytes = Encoding.UTF8.GetBytes(text);
        var spans = Values(bytes);
        var (start, end) = spans["version"];
        var json = JsonSerializer.Serialize(
            new { hash = content.Hash, scored = content.Scored, cases = DatasetSplit.Names.Where(content.Cases.ContainsKey).ToDictionary(name => name, name => content.Cases[name]) });
        (int Start, int End, string Text)[] edits = spans.TryGetValue("content", out var old)
            ? [(start, end, $"\"{version}\""), (old.Start, old.End, json)]
            : [(start, end, $"\"{version}\",\n  \"content\": {json}")];
        var edited = new StringBuilder();
        var at = 0;
        foreach (var edit in edits.OrderBy(edit => edit.Start))
        {
            edited.Append(Encoding.UTF8.GetString(bytes.AsSpan(at..edit.Start))).Append(edit.Text);
            at = edit.End;
        }
        return edited.Append(Encoding.UTF8.GetString(bytes.AsSpan(at))).ToString();
    }

    /// <summary>Byte ranges of the values of the outermost object.</summary>
    private static Dictionary<string, (int Start, int End)> Values(byte[] json)
    {
        var values = new Dictionary<string, (int, int)>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(json, Lenient);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            values[name] = (start, (int)reader.BytesConsumed);
        }
        return values;
    }
}
