using System.Text.Json;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>Cases from JSON lines with other keys.</summary>
internal static class JsonlCasesImport
{
    /// <exception cref="PruneBuildException">PB1010 malformed, PB1061 no UTF-8, PB1062 too large, PB1065 a key is missing, PB1012 a value of
    /// another kind, PB1034 an id twice: each at its line and column.</exception>
    public static void Import(string file, ImportMapping mapping, CaseWriter writer)
    {
        using var stream = File.OpenRead(file);
        var lines = new BoundedLines(stream, LintLimits.DefaultMaxCaseBytes);
        while (lines.Read())
        {
            if (lines.IsTooLong) throw new SourceLocation(file, lines.Number, 1).Error("PB1062", lines.Length, LintLimits.DefaultMaxCaseBytes);
            if (lines.Line.Span.IndexOfAnyExcept(" \t\r"u8) < 0) continue;
            using var line = CaseLine.Parse(lines.Line, file, lines.Number);
            string? Scalar(string? key) => key is null ? null : Text(line, key);
            writer.Write(
                Scalar(mapping.Id) ?? ImportedId.Of(file, writer.Count + 1),
                Scalar(mapping.Slice) ?? mapping.DefaultSlice,
                json => WriteInput(line, mapping.Input, json),
                Scalar(mapping.Label),
                line.Start);
        }
    }

    private static void WriteInput(CaseLine line, IReadOnlyList<string> keys, Utf8JsonWriter json)
    {
        if (keys.Count == 1)
        {
            Value(line, keys[0]).WriteTo(json);
            return;
        }
        json.WriteStartArray();
        foreach (var key in keys)
        {
            var value = Value(line, key);
            if (value.ValueKind != JsonValueKind.Number) throw line.LocationOf(key).Error("PB1012", value.ToString(), key, "a number is expected, since the input has several keys");
            value.WriteTo(json);
        }
        json.WriteEndArray();
    }

    private static string Text(CaseLine line, string key)
    {
        var value = Value(line, key);
        return value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False
            ? value.ToString()
            : throw line.LocationOf(key).Error("PB1012", value.ToString(), key, "a text or a number is expected");
    }

    private static JsonElement Value(CaseLine line, string key) =>
        line.Json.TryGetProperty(key, out var value) ? value : throw line.Start.Error("PB1065", key, string.Join(", ", line.Json.EnumerateObject().Select(property => property.Name)));
}
