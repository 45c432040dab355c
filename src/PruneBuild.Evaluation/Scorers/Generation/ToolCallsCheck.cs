using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// The model asked for these tools, in this order and for no others. A call without <c>arguments</c> may have any; arguments that are
/// named must be equal, and with <c>"extraArguments": true</c> there may be more.
/// </summary>
internal sealed class ToolCallsCheck(IReadOnlyList<(string Name, JObject? Arguments)> calls, bool allowsExtra) : GenerationCheck
{
    public override PathUse Path => PathUse.None;

    /// <exception cref="PruneBuildException">PB1011 to PB1013.</exception>
    public static GenerationCheck Parse(CheckSource source)
    {
        source.AllowOnly("calls", "extraArguments");
        // An empty list is a check too: no tool is to be called.
        var isEmpty = source.Json.Required("calls") is JArray { Count: 0 };
        return new ToolCallsCheck(isEmpty ? [] : [.. source.Json.Sections("calls").Select(ParseCall)], source.Flag("extraArguments"));
    }

    public override Score Measure(CheckedOutput output) =>
        Score.Of(output.Generation.ToolCalls.Count == calls.Count && output.Generation.ToolCalls.Zip(calls).All(pair => IsMet(pair.First, pair.Second)));

    private static (string Name, JObject? Arguments) ParseCall(JsonSection call)
    {
        call.AllowOnly("name", "arguments");
        return (call.Text("name"), call.Has("arguments") ? call.SectionJson("arguments") : null);
    }

    private bool IsMet(ToolCall call, (string Name, JObject? Arguments) wanted)
    {
        if (call.Name != wanted.Name) return false;
        if (wanted.Arguments is null) return true;
        return (allowsExtra || call.Arguments.Count == wanted.Arguments.Count)
            && wanted.Arguments.Properties().All(argument =>
                call.Arguments.TryGetValue(argument.Name, out var value) && JsonEquality.AreEqual(value, argument.Value));
    }
}
