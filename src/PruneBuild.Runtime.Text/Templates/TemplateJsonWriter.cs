using System.Globalization;
using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>Writes values as JSON, as Python's json.dumps does.</summary>
internal sealed class TemplateJsonWriter
{
    /// <summary>The largest <see cref="Indent"/>.</summary>
    public const int MostIndent = 1000;

    private readonly StringBuilder text = new();

    /// <summary>Spaces of a level where items stand in lines of their own, or null.</summary>
    public int? Indent { get; init; }

    /// <summary>What separates items.</summary>
    public string Comma { get; init; } = ", ";

    /// <summary>What separates a key from its value.</summary>
    public string Colon { get; init; } = ": ";

    /// <summary>Whether characters beyond ASCII are escaped.</summary>
    public bool IsAscii { get; init; }

    /// <summary>Whether maps are written in the order of their keys.</summary>
    public bool SortsKeys { get; init; }

    /// <summary>The JSON of a value.</summary>
    /// <exception cref="FormatException">It has none.</exception>
    public string Write(object? value)
    {
        text.Clear();
        Append(value, 0);
        return text.ToString();
    }

    private void Append(object? value, int depth)
    {
        TemplateValues.Descend();
        // A list may be in others many times.
        if (text.Length > TemplateOutput.MostCharacters)
            throw new FormatException($"the JSON exceeds {TemplateOutput.MostCharacters} characters");
        switch (value)
        {
            case null or bool:
                text.Append(Literal(value));
                break;
            case string content:
                AppendQuoted(content);
                break;
            case long or double:
                text.Append(TemplateValues.Text(value));
                break;
            case List<object?> list:
                AppendAll('[', ']', list, depth, item => Append(item, depth + 1));
                break;
            case TemplateMap map:
                AppendAll('{', '}', Ordered(map), depth, entry =>
                {
                    AppendQuoted(entry.Key is bool ? Literal(entry.Key) : TemplateValues.Text(entry.Key));
                    text.Append(Colon);
                    Append(entry.Value, depth + 1);
                });
                break;
            default:
                throw new FormatException($"{TemplateValues.Kind(value)} has no JSON");
        }
    }

    private List<KeyValuePair<object, object?>> Ordered(TemplateMap map) =>
        SortsKeys ? [.. map.OrderBy(entry => entry.Key, Comparer<object>.Create(TemplateValues.Compare))] : [.. map];

    private void AppendAll<T>(char begin, char end, List<T> items, int depth, Action<T> append)
    {
        text.Append(begin);
        for (var index = 0; index < items.Count; index++)
        {
            text.Append(index == 0 ? "" : Comma);
            AppendLine(depth + 1);
            append(items[index]);
        }
        if (items.Count > 0)
            AppendLine(depth);
        text.Append(end);
    }

    private void AppendLine(int level)
    {
        if (Indent is { } spaces)
            text.Append('\n').Append(' ', spaces * level);
    }

    /// <summary>Python escapes quotes, backslashes and control characters, and what is not ASCII only on demand.</summary>
    private void AppendQuoted(string content)
    {
        text.Append('"');
        foreach (var character in content)
            _ = character switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' => AppendCode(character),
                > '~' when IsAscii => AppendCode(character),
                _ => text.Append(character),
            };
        text.Append('"');
    }

    private StringBuilder AppendCode(char character) => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");

    private static string Literal(object? value) => value switch { null => "null", true => "true", _ => "false" };
}
