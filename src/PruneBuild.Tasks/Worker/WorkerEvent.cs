using System.Text.Json;
using PruneBuild.Diagnostics;

namespace PruneBuild.Tasks.Worker;

/// <summary>One line of the worker's protocol.</summary>
internal abstract record WorkerEvent
{
    /// <summary>Something to report to the user.</summary>
    public sealed record Reported(Diagnostic Diagnostic) : WorkerEvent;

    /// <summary>How far a stage is; the fraction is 0 to 1, or null.</summary>
    public sealed record Progress(string Stage, string Message, double? Fraction) : WorkerEvent;

    /// <summary>A stage's end.</summary>
    public sealed record Result(string Stage, bool Success, string Message) : WorkerEvent;

    /// <summary>Reads a line; null when it is not an event, which makes it part of the log.</summary>
    public static WorkerEvent? TryParse(string line)
    {
        if (!line.StartsWith('{'))
            return null;
        try
        {
            using var document = JsonDocument.Parse(line);
            return Parse(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static WorkerEvent? Parse(JsonElement json) => Text(json, "event") switch
    {
        "diagnostic" when Text(json, "code") is { Length: > 0 } code && Text(json, "message") is { } message =>
            new Reported(new Diagnostic(
                code,
                Text(json, "severity") == "warning" ? Severity.Warning : Severity.Error,
                message,
                Text(json, "file"),
                Number(json, "line"),
                Number(json, "column"))),
        "progress" => new Progress(Text(json, "stage") ?? "", Text(json, "message") ?? "", Real(json, "fraction")),
        "result" when Property(json, "success") is { ValueKind: JsonValueKind.True or JsonValueKind.False } success =>
            new Result(Text(json, "stage") ?? "", success.GetBoolean(), Text(json, "message") ?? ""),
        _ => null,
    };

    private static JsonElement? Property(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value : null;

    private static string? Text(JsonElement json, string name) =>
        Property(json, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static int Number(JsonElement json, string name) =>
        Property(json, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) ? number : 0;

    private static double? Real(JsonElement json, string name) =>
        Property(json, name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;
}
