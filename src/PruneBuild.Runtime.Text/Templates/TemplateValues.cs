using System.Collections;
using System.Globalization;
using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>A value that is not there: it writes nothing and is false.</summary>
internal sealed record UndefinedValue(string Name);

/// <summary>A named list of values that <c>set</c> may change.</summary>
internal sealed class TemplateNamespace : Dictionary<string, object?>
{
    public TemplateNamespace()
        : base(StringComparer.Ordinal)
    {
    }
}

/// <summary>A list that is written in round brackets.</summary>
internal sealed class TemplateTuple(IEnumerable<object?> items) : List<object?>(items);

/// <summary>What a call is given.</summary>
internal sealed record TemplateArguments(IReadOnlyList<object?> Positional, IReadOnlyDictionary<string, object?> Named)
{
    public static TemplateArguments None { get; } = new([], new Dictionary<string, object?>(StringComparer.Ordinal));

    /// <summary>An argument by place or name, or a value for a missing one.</summary>
    public object? Get(int index, string name, object? missing = null) =>
        index < Positional.Count ? Positional[index] : Named.TryGetValue(name, out var value) ? value : missing;
}

/// <summary>A function of a template.</summary>
internal sealed record TemplateFunction(string Name, Func<TemplateArguments, object?> Call);

/// <summary>
/// What the values of a template are, and how they behave, which is as in Python: null (none), booleans, long, double, strings, lists
/// of values, maps from strings, functions.
/// </summary>
internal static class TemplateValues
{
    public static bool IsTrue(object? value) => value switch
    {
        null or UndefinedValue => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        ICollection list => list.Count > 0,
        _ => true,
    };

    /// <summary>As output writes it.</summary>
    public static string Text(object? value) => value switch
    {
        string text => text,
        UndefinedValue => "",
        _ => Written(value),
    };

    public static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (UndefinedValue, UndefinedValue) or (null, null) => true,
        (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second)),
        (OrderedDictionary<string, object?> a, OrderedDictionary<string, object?> b) => a.Count == b.Count && a.All(entry => b.TryGetValue(entry.Key, out var other) && AreEqual(entry.Value, other)),
        _ when Number(left) is { } a && Number(right) is { } b => a == b,
        _ => ReferenceEquals(left, right),
    };

    /// <summary>Less than, equal, or more than 0.</summary>
    /// <exception cref="FormatException">They have no order.</exception>
    public static int Compare(object? left, object? right) => (left, right) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b),
        _ when Number(left) is { } a && Number(right) is { } b => a.CompareTo(b),
        _ => throw new FormatException($"{Kind(left)} and {Kind(right)} have no order"),
    };

    public static bool Contains(object? container, object? value) => container switch
    {
        string text => text.Contains(Text(value), StringComparison.Ordinal),
        List<object?> list => list.Exists(item => AreEqual(item, value)),
        OrderedDictionary<string, object?> map => value is string key && map.ContainsKey(key),
        UndefinedValue => false,
        _ => throw new FormatException($"{Kind(container)} contains nothing"),
    };

    /// <summary>The items of a list, the keys of a map, the characters of a text.</summary>
    public static List<object?> Items(object? value) => value switch
    {
        List<object?> list => list,
        OrderedDictionary<string, object?> map => [.. map.Keys],
        TemplateNamespace map => [.. map.Keys],
        string text => [.. text.EnumerateRunes().Select(rune => (object?)rune.ToString())],
        UndefinedValue => [],
        _ => throw new FormatException($"{Kind(value)} has no items"),
    };

    /// <summary>A number, a boolean as one too, or null.</summary>
    public static double? Number(object? value) => value switch
    {
        long number => number,
        double number => number,
        bool flag => flag ? 1 : 0,
        _ => null,
    };

    /// <summary>An integer.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static long Integer(object? value) => value switch
    {
        long number => number,
        bool flag => flag ? 1 : 0,
        _ => throw new FormatException($"an integer is expected, not {Kind(value)}"),
    };

    /// <summary>What a value is called in messages.</summary>
    public static string Kind(object? value) => value switch
    {
        null => "none",
        UndefinedValue undefined => $"'{undefined.Name}', which is undefined,",
        bool => "a boolean",
        long or double => "a number",
        string => "a string",
        List<object?> => "a list",
        TemplateFunction function => $"the function '{function.Name}'",
        _ => "a map",
    };

    /// <summary>JSON with a space behind commas and colons, or in lines with an indent.</summary>
    public static string Json(object? value, int? indent)
    {
        var text = new StringBuilder();
        AppendJson(text, value, indent, 0);
        return text.ToString();
    }

    private static void AppendJson(StringBuilder text, object? value, int? indent, int depth)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case bool flag:
                text.Append(flag ? "true" : "false");
                break;
            case string content:
                AppendQuoted(text, content);
                break;
            case long or double:
                text.Append(Written(value));
                break;
            case List<object?> list:
                AppendAll(text, '[', ']', list, indent, depth, item => AppendJson(text, item, indent, depth + 1));
                break;
            case IEnumerable<KeyValuePair<string, object?>> map:
                AppendAll(text, '{', '}', [.. map], indent, depth, entry =>
                {
                    AppendQuoted(text, entry.Key);
                    text.Append(": ");
                    AppendJson(text, entry.Value, indent, depth + 1);
                });
                break;
            default:
                throw new FormatException($"{Kind(value)} has no JSON");
        }
    }

    private static void AppendAll<T>(StringBuilder text, char begin, char end, List<T> items, int? indent, int depth, Action<T> append)
    {
        text.Append(begin);
        for (var index = 0; index < items.Count; index++)
        {
            text.Append(index == 0 ? "" : indent is null ? ", " : ",");
            NewLine(depth + 1);
            append(items[index]);
        }
        if (items.Count > 0)
            NewLine(depth);
        text.Append(end);

        void NewLine(int level)
        {
            if (indent is { } spaces)
                text.Append('\n').Append(' ', spaces * level);
        }
    }

    /// <summary>Python escapes quotes, backslashes and control characters alone.</summary>
    private static void AppendQuoted(StringBuilder text, string content)
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
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => text.Append(character),
            };
        text.Append('"');
    }

    private static string Written(object? value) => value switch
    {
        null => "None",
        bool flag => flag ? "True" : "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => double.IsInteger(number) && Math.Abs(number) < 1e16 ? number.ToString("0.0", CultureInfo.InvariantCulture) : number.ToString("R", CultureInfo.InvariantCulture),
        string text => Quoted(text),
        TemplateTuple tuple => $"({string.Join(", ", tuple.Select(Written))}{(tuple.Count == 1 ? "," : "")})",
        List<object?> list => $"[{string.Join(", ", list.Select(Written))}]",
        IEnumerable<KeyValuePair<string, object?>> map => $"{{{string.Join(", ", map.Select(entry => $"{Quoted(entry.Key)}: {Written(entry.Value)}"))}}}",
        UndefinedValue => "Undefined",
        _ => throw new FormatException($"{Kind(value)} cannot be written"),
    };

    private static string Quoted(string text)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\t", "\\t", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal);
        return quote + (quote == '\'' ? escaped.Replace("'", "\\'", StringComparison.Ordinal) : escaped) + quote;
    }
}
