namespace PruneBuild.Runtime.Text;

/// <summary>A map of a template, in the order in which it was made. Keys are texts, numbers or booleans; equal numbers are one key, whatever their kind.</summary>
internal sealed class TemplateMap() : OrderedDictionary<object, object?>(Keying)
{
    private static readonly KeyComparer Keying = new();

    /// <summary>A map of named values.</summary>
    public static TemplateMap Of(IEnumerable<KeyValuePair<string, object?>> entries)
    {
        var map = new TemplateMap();
        foreach (var (key, value) in entries)
            map[key] = value;
        return map;
    }

    /// <summary>A value as a key.</summary>
    /// <exception cref="FormatException">It cannot be one.</exception>
    public static object Key(object? value) => value is string or long or double or bool
        ? value : throw new FormatException($"a key of a map is a string or a number, not {TemplateValues.Kind(value)}");

    /// <summary>Finds the value of a key; what cannot be a key has none.</summary>
    public bool TryFind(object? key, out object? value)
    {
        value = null;
        return key is string or long or double or bool && TryGetValue(key, out value);
    }

    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public new bool Equals(object? left, object? right) => TemplateValues.AreEqual(left, right);

        public int GetHashCode(object value) => value is string text ? string.GetHashCode(text, StringComparison.Ordinal) : TemplateValues.Number(value).GetHashCode();
    }
}
