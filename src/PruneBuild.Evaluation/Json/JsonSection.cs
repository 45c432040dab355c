using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>One object of a user's JSON file, read key by key; every failure points at the token at fault.</summary>
/// <param name="json">The object.</param>
/// <param name="file">The file it came from.</param>
public sealed class JsonSection(JObject json, string file)
{
    private const int MaxQuotedCharacters = 60;

    /// <summary>Where the object starts.</summary>
    public SourceLocation Location => LocatedJson.Locate(json, file);

    /// <summary>Whether the key is there.</summary>
    public bool Has(string key) => json.ContainsKey(key);

    /// <summary>Fails on the first key that is not one of <paramref name="known"/>.</summary>
    /// <exception cref="PruneBuildException">PB1011 at the key.</exception>
    public void AllowOnly(params string[] known)
    {
        foreach (var property in json.Properties())
        {
            if (!known.Contains(property.Name, StringComparer.Ordinal))
                throw LocatedJson.Locate(property, file).Error("PB1011", property.Name, string.Join(", ", known));
        }
    }

    /// <summary>Where the value of a key is.</summary>
    /// <exception cref="PruneBuildException">PB1013 when the key is missing.</exception>
    public SourceLocation LocationOf(string key) => LocatedJson.Locate(Required(key), file);

    /// <summary>The value of a key.</summary>
    /// <exception cref="PruneBuildException">PB1013 at the object when the key is missing.</exception>
    public JToken Required(string key) => json[key] ?? throw Location.Error("PB1013", key);

    /// <summary>A PB1012 at the value of a key.</summary>
    public PruneBuildException Invalid(string key, string reason) => Invalid(key, Required(key), reason);

    /// <summary>A PB1012 at a token inside the value of a key.</summary>
    public PruneBuildException Invalid(string key, JToken token, string reason)
    {
        var text = token.Type == JTokenType.String ? (string)token! : token.ToString(Formatting.None);
        if (text.Length > MaxQuotedCharacters) text = string.Concat(text.AsSpan(0, MaxQuotedCharacters), "…");
        return LocatedJson.Locate(token, file).Error("PB1012", text, key, reason);
    }

    /// <summary>A string that is not empty.</summary>
    public string Text(string key) =>
        Required(key) is { Type: JTokenType.String } token && (string)token! is { Length: > 0 } text
            ? text
            : throw Invalid(key, "a string that is not empty is expected");

    /// <summary>A string, or null when the key is missing.</summary>
    public string? OptionalText(string key) => Has(key) ? Text(key) : null;

    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public int WholeNumber(string key, int min, int max) => WholeNumber(key, Required(key), min, max);

    /// <summary>A finite number.</summary>
    public double Number(string key) => Number(key, Required(key));

    /// <summary>A finite number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public double Number(string key, double min, double max) =>
        Number(key) is var number && number >= min && number <= max ? number : throw Invalid(key, Expected(min, max));

    /// <summary>A list of whole numbers.</summary>
    public int[] WholeNumbers(string key, int min, int max) => [.. Items(key).Select(item => WholeNumber(key, item, min, max))];

    /// <summary>A list of finite numbers.</summary>
    public double[] Numbers(string key) => [.. Items(key).Select(item => Number(key, item))];

    /// <summary>One of the named values.</summary>
    public T OneOf<T>(string key, params (string Name, T Value)[] choices)
    {
        var text = Text(key);
        foreach (var (name, value) in choices)
        {
            if (name == text) return value;
        }
        throw Invalid(key, $"known: {string.Join(", ", choices.Select(choice => choice.Name))}");
    }

    /// <summary>An object inside this one.</summary>
    public JsonSection Section(string key) => new(SectionJson(key), file);

    /// <summary>An object inside this one, as JSON.</summary>
    public JObject SectionJson(string key) => Required(key) as JObject ?? throw Invalid(key, "an object is expected");

    /// <summary>A list of at least one object.</summary>
    public IReadOnlyList<JsonSection> Sections(string key)
    {
        var items = Items(key);
        if (items.Count == 0) throw Invalid(key, "at least one entry is expected");
        return [.. items.Select(item => new JsonSection(item as JObject ?? throw Invalid(key, item, "an object is expected"), file))];
    }

    private static string Expected(double min, double max) => (double.IsFinite(min), double.IsFinite(max) && max < double.MaxValue) switch
    {
        (true, true) => $"{min} to {max} is expected",
        (true, false) => $"{min} or more is expected",
        _ => $"{max} or less is expected",
    };

    private JArray Items(string key) => Required(key) as JArray ?? throw Invalid(key, "a list is expected");

    private int WholeNumber(string key, JToken token, int min, int max) =>
        token is JValue { Value: long number } && number >= min && number <= max
            ? (int)number
            : throw Invalid(key, token, $"a whole number from {min} to {max} is expected");

    private double Number(string key, JToken token)
    {
        var number = token is JValue { Type: JTokenType.Integer or JTokenType.Float } value ? (double)value : double.NaN;
        return double.IsFinite(number) ? number : throw Invalid(key, token, "a number is expected");
    }
}
