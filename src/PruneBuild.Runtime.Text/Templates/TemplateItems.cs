namespace PruneBuild.Runtime.Text;

/// <summary>Items of lists, maps and texts.</summary>
internal static class TemplateItems
{
    /// <summary>An item, or an undefined value.</summary>
    /// <exception cref="FormatException">The target is undefined itself.</exception>
    public static object? Get(object? target, object? key)
    {
        switch (target, key)
        {
            case (UndefinedValue undefined, _):
                throw new FormatException($"'{undefined.Name}' is undefined");
            case (TemplateMap map, _):
                return map.TryFind(key, out var value) ? value : new UndefinedValue(TemplateValues.Text(key));
            case (TemplateNamespace map, string name):
                return map.TryGetValue(name, out var content) ? content : new UndefinedValue(name);
            case (List<object?> list, long index):
                return Index(list.Count, index) is { } at ? list[at] : new UndefinedValue($"item {index}");
            case (string text, long index):
                var characters = TemplateValues.Items(text);
                return Index(characters.Count, index) is { } place ? characters[place] : new UndefinedValue($"character {index}");
            case (_, string name):
                return (object?)TemplateMethods.Find(target, name) ?? new UndefinedValue(name);
            default:
                return new UndefinedValue(TemplateValues.Text(key));
        }
    }

    /// <summary>Items from a start to before a stop; negative bounds count from the end.</summary>
    public static object? Slice(object? target, long? start, long? stop, long step)
    {
        if (step == 0)
            throw new FormatException("a slice cannot have step 0");
        if (target is not (List<object?> or string))
            throw new FormatException($"{TemplateValues.Kind(target)} has no slices");
        var items = TemplateValues.Items(target);
        var (first, last) = step > 0
            ? (Clamped(start ?? 0, items.Count, 0, items.Count), Clamped(stop ?? items.Count, items.Count, 0, items.Count))
            : (Clamped(start ?? items.Count - 1, items.Count, -1, items.Count - 1), stop is null ? -1 : Clamped(stop.Value, items.Count, -1, items.Count - 1));
        var taken = new List<object?>();
        for (var index = first; step > 0 ? index < last : index > last; index += step)
            taken.Add(items[(int)index]);
        return target is string ? string.Concat(taken) : taken;
    }

    private static long Clamped(long bound, int count, long least, long most) => Math.Clamp(bound < 0 ? bound + count : bound, least, most);

    private static int? Index(int count, long index) => (index < 0 ? index + count : index) is var at and >= 0 && at < count ? (int)at : null;
}
