using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
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
    /// <summary>What a macro writes where it calls <c>caller</c>, or null.</summary>
    public TemplateFunction? Caller { get; init; }

    public static TemplateArguments None { get; } = new([], new Dictionary<string, object?>(StringComparer.Ordinal));

    /// <summary>An argument by place or name, or a value for a missing one.</summary>
    public object? Get(int index, string name, object? missing = null) =>
        index < Positional.Count ? Positional[index] : Named.TryGetValue(name, out var value) ? value : missing;
}

/// <summary>A function of a template.</summary>
internal sealed record TemplateFunction(string Name, Func<TemplateArguments, object?> Call);

/// <summary>
/// What the values of a template are, and how they behave, which is as in Python: null (none), booleans, long, double, strings, lists
/// of values, maps, functions.
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

    public static bool AreEqual(object? left, object? right)
    {
        Descend();
        return (left, right) switch
        {
            (UndefinedValue, UndefinedValue) or (null, null) => true,
            (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
            (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second)),
            (TemplateMap a, TemplateMap b) => a.Count == b.Count && a.All(entry => b.TryGetValue(entry.Key, out var other) && AreEqual(entry.Value, other)),
            _ when Number(left) is { } a && Number(right) is { } b => a == b,
            _ => ReferenceEquals(left, right),
        };
    }

    /// <summary>Goes from a value into those in it.</summary>
    /// <exception cref="FormatException">The stack does not suffice.</exception>
    public static void Descend()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new FormatException("values lie too deep in values");
    }

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
        TemplateMap map => map.TryFind(value, out _),
        UndefinedValue => false,
        _ => throw new FormatException($"{Kind(container)} contains nothing"),
    };

    /// <summary>The items of a list, the keys of a map, the characters of a text.</summary>
    public static List<object?> Items(object? value) => value switch
    {
        List<object?> list => list,
        TemplateMap map => [.. map.Keys],
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

    private static string Written(object? value)
    {
        Descend();
        var text = Form(value);
        return text.Length <= TemplateOutput.MostCharacters ? text : throw new FormatException($"a string exceeds {TemplateOutput.MostCharacters} characters");
    }

    private static string Form(object? value) => value switch
    {
        null => "None",
        bool flag => flag ? "True" : "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => double.IsInteger(number) && Math.Abs(number) < 1e16 ? number.ToString("0.0", CultureInfo.InvariantCulture) : number.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e'),
        string text => Quoted(text),
        TemplateTuple tuple => $"({string.Join(", ", tuple.Select(Written))}{(tuple.Count == 1 ? "," : "")})",
        List<object?> list => $"[{string.Join(", ", list.Select(Written))}]",
        TemplateMap map => $"{{{string.Join(", ", map.Select(entry => $"{Written(entry.Key)}: {Written(entry.Value)}"))}}}",
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
