using System.Text.Json;

namespace PruneBuild.Runtime.Text;

/// <summary>A call that a model wrote.</summary>
/// <param name="Name">Of the tool.</param>
/// <param name="Arguments">By name; JSON values.</param>
internal sealed record WrittenToolCall(string Name, IReadOnlyDictionary<string, JsonElement> Arguments)
{
    private static readonly string[] ArgumentKeys = ["arguments", "parameters"];

    /// <summary>The calls of a JSON text, an object of <c>name</c> and <c>arguments</c> or <c>parameters</c> or a list of such; null when it is anything else.</summary>
    public static IReadOnlyList<WrittenToolCall>? Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            IReadOnlyList<WrittenToolCall?> calls = document.RootElement.ValueKind == JsonValueKind.Array ? [.. document.RootElement.EnumerateArray().Select(Of)] : [Of(document.RootElement)];
            return calls.Count > 0 && !calls.Contains(null) ? [.. calls.OfType<WrittenToolCall>()] : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON, or a string of half a character.
            return null;
        }
    }

    private static WrittenToolCall? Of(JsonElement call) =>
        call.ValueKind == JsonValueKind.Object && call.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
        && ArgumentKeys.Where(key => call.TryGetProperty(key, out _)).Select(call.GetProperty).FirstOrDefault() is { ValueKind: JsonValueKind.Object } arguments
            // Of a name that is there twice the last value counts.
            ? new(name.GetString()!, arguments.EnumerateObject().GroupBy(argument => argument.Name).ToDictionary(group => group.Key, group => group.Last().Value.Clone(), StringComparer.Ordinal))
            : null;
}
