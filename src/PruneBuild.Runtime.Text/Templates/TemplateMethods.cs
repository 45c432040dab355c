namespace PruneBuild.Runtime.Text;

/// <summary>The methods of Python's strings, lists and maps that templates call.</summary>
internal static class TemplateMethods
{
    /// <summary>A method of a value, or null.</summary>
    public static TemplateFunction? Find(object? target, string name) => target switch
    {
        string text => OfText(text, name) is { } call ? new(name, call) : null,
        TemplateMap map => OfMap(map, name) is { } call ? new(name, call) : null,
        List<object?> list => OfList(list, name) is { } call ? new(name, call) : null,
        _ => null,
    };

    /// <summary>A text without characters at its ends: white space, or those given.</summary>
    public static string Stripped(string text, object? characters, bool left, bool right)
    {
        var (start, end) = (0, text.Length);
        bool Goes(char character) => characters is null ? char.IsWhiteSpace(character) : TemplateValues.Text(characters).Contains(character, StringComparison.Ordinal);
        while (left && start < end && Goes(text[start]))
            start++;
        while (right && end > start && Goes(text[end - 1]))
            end--;
        return text[start..end];
    }

    private static Func<TemplateArguments, object?>? OfText(string text, string name) => name switch
    {
        "strip" => arguments => Stripped(text, arguments.Get(0, "chars"), true, true),
        "lstrip" => arguments => Stripped(text, arguments.Get(0, "chars"), true, false),
        "rstrip" => arguments => Stripped(text, arguments.Get(0, "chars"), false, true),
        "startswith" => arguments => Affixes(arguments).Any(affix => text.StartsWith(affix, StringComparison.Ordinal)),
        "endswith" => arguments => Affixes(arguments).Any(affix => text.EndsWith(affix, StringComparison.Ordinal)),
        "removeprefix" => arguments => Affixes(arguments)[0] is var prefix && text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text,
        "removesuffix" => arguments => Affixes(arguments)[0] is var suffix && text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text,
        "split" => arguments => Split(text, arguments),
        "splitlines" => _ => text.Length == 0 ? [] : (text.EndsWith('\n') ? text[..^1] : text).Split('\n').ToList<object?>(),
        "upper" => _ => text.ToUpperInvariant(),
        "lower" => _ => text.ToLowerInvariant(),
        "title" => _ => Titled(text),
        "capitalize" => _ => TemplateFilters.Capitalized(text),
        "replace" => arguments => TemplateFilters.Replaced(text, arguments),
        "find" => arguments => (long)text.IndexOf(Affixes(arguments)[0], StringComparison.Ordinal),
        "count" => arguments => (long)text.Split(Affixes(arguments)[0]).Length - 1,
        "join" => arguments => string.Join(text, TemplateValues.Items(arguments.Get(0, "iterable")).Select(TemplateValues.Text)),
        "isdigit" => _ => text.Length > 0 && text.All(char.IsDigit),
        "isalpha" => _ => text.Length > 0 && text.All(char.IsLetter),
        _ => null,
    };

    private static Func<TemplateArguments, object?>? OfMap(TemplateMap map, string name) => name switch
    {
        "items" => _ => TemplateFilters.Pairs(map),
        "keys" => _ => map.Keys.ToList<object?>(),
        "values" => _ => map.Values.ToList(),
        "get" => arguments => map.TryFind(arguments.Get(0, "key"), out var value) ? value : arguments.Get(1, "default"),
        _ => null,
    };

    /// <summary>None that changes a list: publishers render in a sandbox that forbids it.</summary>
    private static Func<TemplateArguments, object?>? OfList(List<object?> list, string name) => name switch
    {
        "index" => arguments => list.FindIndex(item => TemplateValues.AreEqual(item, arguments.Get(0, "item"))) is var at and >= 0 ? (long)at : throw new FormatException("the list has no such item"),
        "count" => arguments => (long)list.Count(item => TemplateValues.AreEqual(item, arguments.Get(0, "item"))),
        _ => null,
    };

    /// <summary>Every run of letters with a large first one.</summary>
    private static string Titled(string text) => string.Concat(text.Select((letter, index) =>
        index > 0 && char.IsLetter(text[index - 1]) ? char.ToLowerInvariant(letter) : char.ToUpperInvariant(letter)));

    private static List<string> Affixes(TemplateArguments arguments) => arguments.Get(0, "value") switch
    {
        string text => [text],
        List<object?> list => [.. list.Select(TemplateValues.Text)],
        var value => throw new FormatException($"a string is expected, not {TemplateValues.Kind(value)}"),
    };

    private static List<object?> Split(string text, TemplateArguments arguments)
    {
        var (separator, most) = (arguments.Get(0, "sep"), TemplateValues.Integer(arguments.Get(1, "maxsplit", -1L)));
        var count = most < 0 ? int.MaxValue : (int)Math.Min(int.MaxValue, most + 1);
        if (separator is string { Length: > 0 } given)
            return [.. text.Split(given, count)];
        if (separator is not null)
            throw new FormatException("a text cannot be split at nothing");
        if (most >= 0)
            throw new FormatException("maxsplit needs a separator");
        return [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
    }
}
