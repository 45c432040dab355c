namespace PruneBuild.Runtime.Text;

/// <summary>Makes another value of one.</summary>
internal delegate object? TemplateFilter(object? value, TemplateArguments arguments);

/// <summary>The filters of Jinja that templates of conversations use.</summary>
internal static class TemplateFilters
{
    /// <summary>By name.</summary>
    public static IReadOnlyDictionary<string, TemplateFilter> All { get; } = new Dictionary<string, TemplateFilter>(StringComparer.Ordinal)
    {
        ["abs"] = (value, _) => value is long number ? (object)Math.Abs(number) : Math.Abs(TemplateValues.Number(value) ?? throw new FormatException($"{TemplateValues.Kind(value)} has no absolute value")),
        ["capitalize"] = (value, _) => Capitalized(TemplateValues.Text(value)),
        ["count"] = (value, _) => Length(value),
        ["default"] = Default,
        ["d"] = Default,
        ["dictsort"] = DictSort,
        ["first"] = (value, _) => TemplateValues.Items(value) is [var first, ..] ? first : new UndefinedValue("the first item of nothing"),
        ["float"] = (value, _) => Float(value),
        ["indent"] = Indent,
        ["int"] = (value, _) => (long)Float(value),
        ["items"] = (value, _) => Pairs(value),
        ["join"] = (value, arguments) => string.Join(TemplateValues.Text(arguments.Get(0, "d", "")), Mapped(value, arguments.Get(1, "attribute")).Select(TemplateValues.Text)),
        ["last"] = (value, _) => TemplateValues.Items(value) is [.., var last] ? last : new UndefinedValue("the last item of nothing"),
        ["length"] = (value, _) => Length(value),
        ["list"] = (value, _) => TemplateValues.Items(value).ToList(),
        ["lower"] = (value, _) => TemplateValues.Text(value).ToLowerInvariant(),
        ["map"] = Map,
        ["max"] = (value, _) => TemplateValues.Items(value).Aggregate((a, b) => TemplateValues.Compare(b, a) > 0 ? b : a),
        ["min"] = (value, _) => TemplateValues.Items(value).Aggregate((a, b) => TemplateValues.Compare(b, a) < 0 ? b : a),
        ["reject"] = (value, arguments) => Chosen(value, arguments, item => item, 0, wanted: false),
        ["rejectattr"] = (value, arguments) => Chosen(value, arguments, Attribute(arguments), 1, wanted: false),
        ["replace"] = (value, arguments) => Replaced(TemplateValues.Text(value), arguments),
        ["reverse"] = (value, _) => value is string text ? string.Concat(Enumerable.Reverse(TemplateValues.Items(text))) : Enumerable.Reverse(TemplateValues.Items(value)).ToList(),
        ["round"] = (value, arguments) => Math.Round(Float(value), (int)TemplateValues.Integer(arguments.Get(0, "precision", 0L)), MidpointRounding.ToEven),
        ["safe"] = (value, _) => TemplateValues.Text(value),
        ["select"] = (value, arguments) => Chosen(value, arguments, item => item, 0, wanted: true),
        ["selectattr"] = (value, arguments) => Chosen(value, arguments, Attribute(arguments), 1, wanted: true),
        ["sort"] = Sort,
        ["string"] = (value, _) => TemplateValues.Text(value),
        ["sum"] = (value, _) => TemplateValues.Items(value).Aggregate((object?)0L, (a, b) => a is long x && b is long y ? (object)(x + y) : Float(a) + Float(b)),
        ["title"] = (value, _) => Titled(TemplateValues.Text(value)),
        ["tojson"] = Json,
        ["trim"] = (value, arguments) => TemplateMethods.Stripped(TemplateValues.Text(value), arguments.Get(0, "chars"), true, true),
        ["unique"] = (value, _) => TemplateValues.Items(value).Aggregate(new List<object?>(), (kept, item) => kept.Exists(other => TemplateValues.AreEqual(other, item)) ? kept : [.. kept, item]),
        ["upper"] = (value, _) => TemplateValues.Text(value).ToUpperInvariant(),
    };

    /// <summary>The first letter large, the others small.</summary>
    public static string Capitalized(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    /// <summary>A text with another instead of a part, perhaps only some times.</summary>
    public static string Replaced(string text, TemplateArguments arguments)
    {
        var (before, after) = (TemplateValues.Text(arguments.Get(0, "old")), TemplateValues.Text(arguments.Get(1, "new")));
        if (before.Length == 0)
            throw new FormatException("an empty text cannot be replaced");
        if (arguments.Get(2, "count") is not long count || count < 0)
            return text.Replace(before, after, StringComparison.Ordinal);
        for (var at = 0; count > 0 && (at = text.IndexOf(before, at, StringComparison.Ordinal)) >= 0; count--, at += after.Length)
            text = string.Concat(text.AsSpan(0, at), after, text.AsSpan(at + before.Length));
        return text;
    }

    /// <summary>Keys and values of a map.</summary>
    public static List<object?> Pairs(object? value) => value switch
    {
        TemplateMap map => [.. map.Select(entry => (object?)new TemplateTuple([entry.Key, entry.Value]))],
        UndefinedValue => [],
        _ => throw new FormatException($"{TemplateValues.Kind(value)} has no keys"),
    };

    /// <summary>A large letter after white space, hyphens and opening brackets, small ones elsewhere.</summary>
    private static string Titled(string text) => string.Concat(text.Select((letter, index) =>
        index == 0 || char.IsWhiteSpace(text[index - 1]) || "-({[<".Contains(text[index - 1], StringComparison.Ordinal) ? char.ToUpperInvariant(letter) : char.ToLowerInvariant(letter)));

    private static long Length(object? value) => value switch
    {
        string text => text.EnumerateRunes().LongCount(),
        null or bool or long or double or TemplateFunction => throw new FormatException($"{TemplateValues.Kind(value)} has no length"),
        _ => TemplateValues.Items(value).Count,
    };

    private static object? Default(object? value, TemplateArguments arguments) =>
        value is UndefinedValue || (TemplateValues.IsTrue(arguments.Get(1, "boolean", false)) && !TemplateValues.IsTrue(value)) ? arguments.Get(0, "default_value", "") : value;

    private static double Float(object? value) => TemplateValues.Number(value)
        ?? (double.TryParse(value as string, System.Globalization.CultureInfo.InvariantCulture, out var parsed) ? parsed : 0);

    private static string Indent(object? value, TemplateArguments arguments)
    {
        var width = new string(' ', (int)Math.Clamp(TemplateValues.Integer(arguments.Get(0, "width", 4L)), 0, 1000));
        var (first, blank) = (TemplateValues.IsTrue(arguments.Get(1, "first", false)), TemplateValues.IsTrue(arguments.Get(2, "blank", false)));
        return string.Join('\n', TemplateValues.Text(value).Split('\n').Select((line, index) => (index > 0 || first) && (line.Length > 0 || blank) ? width + line : line));
    }

    private static IEnumerable<object?> Mapped(object? value, object? attribute) =>
        attribute is null ? TemplateValues.Items(value) : TemplateValues.Items(value).Select(item => Path(item, TemplateValues.Text(attribute)));

    private static List<object?> Map(object? value, TemplateArguments arguments)
    {
        if (arguments.Named.TryGetValue("attribute", out var attribute))
            return Mapped(Present(value), attribute).Select(item => item is UndefinedValue ? arguments.Get(99, "default", item) : item).ToList();
        var name = TemplateValues.Text(arguments.Get(0, "filter"));
        var filter = All.GetValueOrDefault(name) ?? throw new FormatException($"there is no filter '{name}'");
        var rest = arguments with { Positional = [.. arguments.Positional.Skip(1)] };
        return Present(value).Select(item => filter(item, rest)).ToList();
    }

    private static Func<object?, object?> Attribute(TemplateArguments arguments)
    {
        var path = TemplateValues.Text(arguments.Get(0, "attribute"));
        return item => Path(item, path);
    }

    private static object? Path(object? item, string path) => path.Split('.').Aggregate(item, (now, key) =>
        TemplateItems.Get(now, long.TryParse(key, out var index) ? index : (object)key));

    private static List<object?> Chosen(object? value, TemplateArguments arguments, Func<object?, object?> of, int skipped, bool wanted)
    {
        var name = arguments.Positional.Count > skipped ? TemplateValues.Text(arguments.Positional[skipped]) : null;
        TemplateTest test = name is null ? (item, _) => TemplateValues.IsTrue(item) : TemplateTests.All.GetValueOrDefault(name) ?? throw new FormatException($"there is no test '{name}'");
        var rest = arguments with { Positional = [.. arguments.Positional.Skip(skipped + 1)] };
        return [.. Present(value).Where(item => test(of(item), rest) == wanted)];
    }

    /// <summary>The items of a value; what is false has none.</summary>
    private static List<object?> Present(object? value) => TemplateValues.IsTrue(value) ? TemplateValues.Items(value) : [];

    private static List<object?> Sort(object? value, TemplateArguments arguments)
    {
        var attribute = arguments.Get(2, "attribute");
        return Sorted(TemplateValues.Items(value), item => attribute is null ? item : Path(item, TemplateValues.Text(attribute)), arguments.Get(1, "case_sensitive"), arguments.Get(0, "reverse"));
    }

    private static List<object?> DictSort(object? value, TemplateArguments arguments)
    {
        var by = TemplateValues.Text(arguments.Get(1, "by", "key")) switch
        {
            "key" => 0,
            "value" => 1,
            var other => throw new FormatException($"maps are sorted by key or value, not by '{other}'"),
        };
        return Sorted(Pairs(value), pair => ((TemplateTuple)pair!)[by], arguments.Get(0, "case_sensitive"), arguments.Get(2, "reverse"));
    }

    private static List<object?> Sorted(List<object?> items, Func<object?, object?> key, object? caseSensitive, object? reverse)
    {
        object? Folded(object? item) => key(item) is var value && value is string text && !TemplateValues.IsTrue(caseSensitive) ? text.ToLowerInvariant() : value;
        var order = Comparer<object?>.Create(TemplateValues.Compare);
        return [.. TemplateValues.IsTrue(reverse) ? items.OrderByDescending(Folded, order) : items.OrderBy(Folded, order)];
    }

    private static string Json(object? value, TemplateArguments arguments)
    {
        var indent = arguments.Get(1, "indent") is not { } spaces ? (int?)null
            : TemplateValues.Integer(spaces) is var count and <= TemplateJsonWriter.MostIndent ? (int)Math.Max(count, 0) : throw new FormatException($"an indent of at most {TemplateJsonWriter.MostIndent} is expected");
        var (comma, colon) = arguments.Get(2, "separators") switch
        {
            null => (indent is null ? ", " : ",", ": "),
            List<object?> and [string first, string second] => (first, second),
            var other => throw new FormatException($"separators are two strings, not {TemplateValues.Kind(other)}"),
        };
        return new TemplateJsonWriter
        {
            Indent = indent,
            Comma = comma,
            Colon = colon,
            IsAscii = TemplateValues.IsTrue(arguments.Get(0, "ensure_ascii")),
            SortsKeys = TemplateValues.IsTrue(arguments.Get(3, "sort_keys")),
        }.Write(value);
    }
}
