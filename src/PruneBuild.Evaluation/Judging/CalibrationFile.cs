using System.Text.Json;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Datasets;

namespace PruneBuild.Evaluation.Judging;

/// <summary>
/// Reads people's labels: <c>{"id":"a1","role":"pruned","input":"…","output":"…","human":"pass","annotator":"person"}</c> a line. Labels
/// that a model proposed (<c>"annotator":"model"</c>) are refused: a judge that agrees with another model is not calibrated.
/// </summary>
public static class CalibrationFile
{
    /// <summary>Reads the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="spec">The judge whose labels they are.</param>
    /// <exception cref="PruneBuildException">PB1010, PB1011, PB1012, PB1013, PB1061 or PB1062 at line and column.</exception>
    public static IReadOnlyList<CalibrationSample> Load(string path, JudgeSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var file = Path.GetFullPath(path);
        using var stream = File.OpenRead(file);
        var lines = new BoundedLines(stream, LintLimits.DefaultMaxCaseBytes);
        var samples = new List<CalibrationSample>();
        while (lines.Read())
        {
            if (lines.IsTooLong) throw new SourceLocation(file, lines.Number, 1).Error("PB1062", lines.Length, LintLimits.DefaultMaxCaseBytes);
            if (lines.Line.Span.IndexOfAnyExcept(" \t\r"u8) < 0) continue;
            using var line = CaseLine.Parse(lines.Line, file, lines.Number);
            samples.Add(Read(line, spec));
        }
        return samples;
    }

    private static CalibrationSample Read(CaseLine line, JudgeSpec spec)
    {
        string[] known = ["id", "role", "input", "output", "human", "annotator"];
        foreach (var property in line.Json.EnumerateObject())
        {
            if (!known.Contains(property.Name)) throw line.LocationOf(property.Name).Error("PB1011", property.Name, string.Join(", ", known));
        }
        var role = OneOf(line, "role", "parent", "pruned") == "parent" ? OutputRole.Parent : OutputRole.Pruned;
        if (OneOf(line, "annotator", "person", "model") == "model") throw line.LocationOf("annotator").Error("PB1012", "model", "annotator", "only labels of people calibrate a judge");
        var human = OneOf(line, "human", [.. spec.Labels.Select(label => label.Name)]);
        var question = new JudgeQuestion(Text(line, "id"), Text(line, "input"), Text(line, "output", mayBeEmpty: true));
        return new CalibrationSample(question, role, spec.Find(human)!, line.Start);
    }

    private static string OneOf(CaseLine line, string key, params string[] choices)
    {
        var text = Text(line, key);
        return choices.Contains(text) ? text : throw line.LocationOf(key).Error("PB1012", text, key, $"known: {string.Join(", ", choices)}");
    }

    private static string Text(CaseLine line, string key, bool mayBeEmpty = false)
    {
        if (!line.Json.TryGetProperty(key, out var value)) throw line.Start.Error("PB1013", key);
        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return text is not null && (mayBeEmpty || text.Length > 0) ? text : throw line.LocationOf(key).Error("PB1012", value.ToString(), key, "a text is expected");
    }
}
