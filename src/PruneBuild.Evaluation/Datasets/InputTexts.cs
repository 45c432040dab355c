using System.Text;
using System.Text.Json;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>The texts of an input: a string, or all strings of an object or list, such as chat messages.</summary>
internal static class InputTexts
{
    /// <summary>One text a line, in file order; empty when there is none.</summary>
    public static string Of(JsonElement input)
    {
        if (input.ValueKind == JsonValueKind.String) return input.GetString()!;
        var text = new StringBuilder();
        Append(input, text);
        return text.ToString();
    }

    private static void Append(JsonElement json, StringBuilder text)
    {
        if (json.ValueKind == JsonValueKind.String) text.Append(json.GetString()).Append('\n');
        else if (json.ValueKind == JsonValueKind.Array) foreach (var item in json.EnumerateArray()) Append(item, text);
        else if (json.ValueKind == JsonValueKind.Object) foreach (var property in json.EnumerateObject()) Append(property.Value, text);
    }
}
