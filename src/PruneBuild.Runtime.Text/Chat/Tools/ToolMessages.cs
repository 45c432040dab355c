using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace PruneBuild.Runtime.Text;

/// <summary>Calls and their results, between the messages of a chat client and those of a template.</summary>
internal static class ToolMessages
{
    /// <summary>A call that was made.</summary>
    public static TemplateToolCall Call(FunctionCallContent call) => new(
        call.CallId, call.Name, new JsonObject((call.Arguments ?? new Dictionary<string, object?>()).Select(argument => KeyValuePair.Create(argument.Key, Node(argument.Value)))));

    /// <summary>The result of one.</summary>
    /// <param name="result">The result.</param>
    /// <param name="names">The tools that were called, by the identities of the calls.</param>
    public static TemplateMessage Result(FunctionResultContent result, IReadOnlyDictionary<string, string> names) =>
        new(ChatRole.Tool.Value, Text(result.Result)) { ToolCallId = result.CallId, Name = names.GetValueOrDefault(result.CallId) };

    /// <summary>
    /// Identities for calls to come, which none of a conversation's has. They are counted, as the same conversation must give the same text;
    /// Mistral's templates want nine letters and digits.
    /// </summary>
    public static IEnumerable<string> NewIds(IEnumerable<ChatMessage> messages)
    {
        var known = messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Select(call => call.CallId).ToHashSet(StringComparer.Ordinal);
        for (var number = known.Count; ; number++)
            if (string.Create(CultureInfo.InvariantCulture, $"call{number:D5}") is var id && !known.Contains(id))
                yield return id;
    }

    /// <summary>What a model wrote.</summary>
    public static FunctionCallContent Content(WrittenToolCall call, string id) =>
        new(id, call.Name, call.Arguments.ToDictionary(argument => argument.Key, argument => (object?)argument.Value, StringComparer.Ordinal));

    private static string Text(object? value) => value switch
    {
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        JsonElement json => json.GetRawText(),
        _ => Node(value)?.ToJsonString() ?? "null",
    };

    /// <summary>A value as JSON. Types that nobody has described to the serializer, as apps compiled ahead of time must, are written as text.</summary>
    private static JsonNode? Node(object? value) => value switch
    {
        null => null,
        JsonNode node => node.DeepClone(),
        JsonElement json => JsonNode.Parse(json.GetRawText()),
        _ when AIJsonUtilities.DefaultOptions.TryGetTypeInfo(value.GetType(), out var type) => JsonSerializer.SerializeToNode(value, type),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
