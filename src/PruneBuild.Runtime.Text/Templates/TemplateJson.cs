using System.Text.Json;
using System.Text.Json.Nodes;

namespace PruneBuild.Runtime.Text;

/// <summary>JSON as values of a template.</summary>
internal static class TemplateJson
{
    /// <summary>The value of a node.</summary>
    public static object? ValueOf(JsonNode? node) => node switch
    {
        null => null,
        JsonArray list => list.Select(ValueOf).ToList(),
        JsonObject map => TemplateMap.Of(map.Select(entry => KeyValuePair.Create(entry.Key, ValueOf(entry.Value)))),
        _ => node.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => Number(node.ToJsonString()),
            _ => node.GetValue<string>(),
        },
    };

    private static object Number(string text) => long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var integer)
        ? (object)integer : double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
