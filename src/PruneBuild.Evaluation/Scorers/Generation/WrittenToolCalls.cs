using Newtonsoft.Json.Linq;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// The tools that a text asks for, in the forms that open models are trained to write: JSON in <c>&lt;tool_call&gt;</c> tags (Hermes, Qwen),
/// a list after <c>[TOOL_CALLS]</c> (Mistral), or JSON and nothing else (Llama), each with <c>name</c> and <c>arguments</c> or
/// <c>parameters</c>. What is malformed asks for nothing.
/// </summary>
internal static class WrittenToolCalls
{
    private const string Start = "<tool_call>";
    private const string End = "</tool_call>";
    private const string Mistral = "[TOOL_CALLS]";

    public static IReadOnlyList<ToolCall> In(string text)
    {
        if (text.Contains(Start, StringComparison.Ordinal)) return [.. Tagged(text).SelectMany(Calls)];
        var list = text.IndexOf(Mistral, StringComparison.Ordinal);
        return [.. Calls(list < 0 ? text : text[(list + Mistral.Length)..])];
    }

    private static IEnumerable<string> Tagged(string text)
    {
        for (var from = text.IndexOf(Start, StringComparison.Ordinal); from >= 0; from = text.IndexOf(Start, from, StringComparison.Ordinal))
        {
            from += Start.Length;
            var to = text.IndexOf(End, from, StringComparison.Ordinal);
            if (to < 0) yield break;
            yield return text[from..to];
        }
    }

    private static IEnumerable<ToolCall> Calls(string json) => StrictJson.Parse(json) switch
    {
        JArray list => list.Select(Call).OfType<ToolCall>(),
        { } one when Call(one) is { } call => [call],
        _ => [],
    };

    private static ToolCall? Call(JToken json) =>
        json is JObject call && call["name"] is JValue { Value: string { Length: > 0 } name } && (call["arguments"] ?? call["parameters"]) is JObject arguments
            ? new ToolCall(name, arguments)
            : null;
}
