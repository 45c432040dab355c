using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace PruneBuild.Evaluation.Reports;

/// <summary>One line of the ledger beside the harness: what was decided, when, and the rest as it is written there.</summary>
/// <param name="When">As written; empty when the line does not say.</param>
/// <param name="What">As written; empty when the line does not say.</param>
/// <param name="Details">Everything else, nested values as JSON.</param>
public sealed record HistoryEntry(string When, string What, IReadOnlyList<KeyValuePair<string, string>> Details)
{
    private const int MostEntries = 50;
    private const int LongestValue = 200;

    private static readonly string[] WhenKeys = ["when", "time", "timestamp", "at", "utc", "date"];
    private static readonly string[] WhatKeys = ["event", "kind", "action", "type", "entry"];

    /// <summary>The newest entries of a ledger, newest first. Lines that are no JSON objects are left out: a report never fails for its history.</summary>
    /// <param name="lines">The lines, oldest first.</param>
    public static IReadOnlyList<HistoryEntry> Parse(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        return [.. lines.Select(ParseLine).OfType<HistoryEntry>().Reverse().Take(MostEntries)];
    }

    private static HistoryEntry? ParseLine(string line)
    {
        try
        {
            using var reader = new JsonTextReader(new StringReader(line)) { DateParseHandling = DateParseHandling.None };
            if (JToken.ReadFrom(reader) is not JObject json) return null;
            var (when, what) = (Take(json, WhenKeys), Take(json, WhatKeys));
            return new HistoryEntry(when, what, [.. json.Properties().Select(property => KeyValuePair.Create(property.Name, Text(property.Value)))]);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Take(JObject json, string[] keys)
    {
        var key = keys.FirstOrDefault(key => json[key] is JValue { Type: JTokenType.String or JTokenType.Integer });
        if (key is null) return "";
        var text = Text(json[key]!);
        json.Remove(key);
        return text;
    }

    private static string Text(JToken value) =>
        Phrase.Shorten(value.Type == JTokenType.String ? (string)value! : value.ToString(Formatting.None), LongestValue);
}
