using System.Security.Cryptography;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Datasets;
using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation;

/// <summary>
/// Reads cases that are answered with a text, one a line: <c>{"id":"a1","slice":"edge","prompt":"…","expect":[{"type":"json"}]}</c>, or
/// <c>messages</c> in place of the prompt. No line is longer than <see cref="LintLimits.DefaultMaxCaseBytes"/>.
/// </summary>
/// <param name="harness">The harness.</param>
/// <param name="count">Counts the tokens of prompts, where a harness has slices by them; null where nobody can.</param>
internal sealed class WritingCaseReader(Harness harness, CountPromptTokens? count = null)
{
    private readonly string _folder = Path.GetDirectoryName(harness.File)!;

    /// <exception cref="PruneBuildException">PB1010 to PB1013, PB1061, PB1062, and those of <see cref="Expectation.Parse"/>, at line and column.</exception>
    public IEnumerable<TaskCaseLine> Read(JsonlCases source)
    {
        using var stream = File.OpenRead(source.Path);
        var lines = new BoundedLines(stream, LintLimits.DefaultMaxCaseBytes);
        while (lines.Read())
        {
            var at = new SourceLocation(source.Path, lines.Number, 1);
            if (lines.IsTooLong) throw at.Error("PB1062", lines.Length, LintLimits.DefaultMaxCaseBytes);
            if (lines.Line.Span.IndexOfAnyExcept(" \t\r"u8) < 0) continue;
            // What is no UTF-8, or too deep, is told apart from what is no case.
            CaseLine.Parse(lines.Line, source.Path, lines.Number).Dispose();
            yield return Read(new JsonSection(LocatedJson.Parse(Encoding.UTF8.GetString(lines.Line.Span), source.Path, lines.Number), source.Path));
        }
    }

    private TaskCaseLine Read(JsonSection json)
    {
        json.AllowOnly("id", "slice", "cluster", "critical", "prompt", "messages", "expect", "reference", "references");
        var slice = json.Text("slice");
        if (!SliceName.IsValid(slice)) throw json.Invalid("slice", SliceName.Expected);
        Expectation[] checks = json.Has("expect") ? [.. json.Sections("expect").Select(check => Expectation.Parse(check, _folder))] : [];
        foreach (var (check, section) in checks.Zip(json.Has("expect") ? json.Sections("expect") : []))
        {
            if (check.Dimension is { } name && !harness.Dimensions.Any(dimension => dimension.Name == name && dimension.Scorers.Count == 0))
                throw section.Invalid("dim", "the harness has no dimension of checks with this name");
        }
        var isCritical = json.Has("critical") && (json.Required("critical") is JValue { Value: bool flag } ? flag : throw json.Invalid("critical", "true or false is expected"));
        if (isCritical && checks.Length == 0) throw json.Invalid("critical", "the case has no checks that could fail");
        var references = References(json);
        var files = SchemaFiles(json);
        var gold = Hash([
            json.Has("expect") ? CanonicalJson.Hash(json.Required("expect")) : "", .. references,
            .. files.Select(file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))))]);
        var writing = new WritingCase(Prompt(json), checks, Expected(json), references, gold, files);
        var id = json.Text("id");
        var context = harness.Settings.ContextLengths is null ? null : count?.Invoke(id, writing.Prompt, harness.Settings.Writing!);
        return new TaskCaseLine(id, json.LocationOf("id"), slice, json.OptionalText("cluster"), isCritical, CaseSet.NoLabel, [new TaskCase([]) { Writing = writing, Context = context }]);
    }

    private static WritingPrompt Prompt(JsonSection json)
    {
        if (!json.Has("messages")) return new WritingPrompt(json.Text("prompt"), []);
        if (json.Has("prompt")) throw json.Invalid("prompt", "not together with messages");
        var messages = json.Sections("messages");
        var turns = messages.Select(message =>
        {
            message.AllowOnly("role", "content");
            return new ChatTurn(message.OneOf("role", [.. ChatTurn.Roles.Select(role => (role, role))]), message.Text("content"));
        }).ToArray();
        return turns[^1].Role is "user" or "tool" ? new WritingPrompt(null, turns) : throw messages[^1].Invalid("role", "the last message is one that the model answers");
    }

    private static string[] Expected(JsonSection json) => json.Has("expect") ? [.. json.Required("expect").Select(check => check.ToString(Formatting.None))] : [];

    private static string[] References(JsonSection json)
    {
        if (!json.Has("references")) return json.OptionalText("reference") is { } one ? [one] : [];
        if (json.Has("reference")) throw json.Invalid("reference", "not together with references");
        if (json.Required("references") is not JArray { Count: > 0 } items) throw json.Invalid("references", "a list of at least one string is expected");
        return [.. items.Select(item => item.Type == JTokenType.String && (string)item! is { Length: > 0 } text ? text : throw json.Invalid("references", item, "a string that is not empty is expected"))];
    }

    // Expectation.Parse has found them.
    private string[] SchemaFiles(JsonSection json) => !json.Has("expect") ? [] :
        [.. json.Required("expect").Select(check => check["schema"]).Where(schema => schema?.Type == JTokenType.String).Select(schema => CasePath.Find(_folder, (string)schema!)!).Distinct()];

    private static string Hash(IEnumerable<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
