using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>One <c>expect</c> object while it is read.</summary>
/// <param name="Json">The object.</param>
/// <param name="Folder">The folder that files it names stay inside of.</param>
/// <param name="IgnoreCase">Whether the type was named with the i that makes letter case not count.</param>
internal sealed record CheckSource(JsonSection Json, string Folder, bool IgnoreCase)
{
    // Keys that every check has.
    private static readonly string[] Shared = ["type", "dim", "path"];

    /// <summary>How texts are compared.</summary>
    public StringComparison Comparison => IgnoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>Fails on a key that is neither shared nor one of the check's own.</summary>
    /// <exception cref="PruneBuildException">PB1011 at the key.</exception>
    public void AllowOnly(params string[] own) => Json.AllowOnly([.. Shared, .. own]);

    /// <summary>A list of at least one string that is not empty.</summary>
    /// <exception cref="PruneBuildException">PB1012 or PB1013.</exception>
    public string[] Texts(string key)
    {
        if (Json.Required(key) is not JArray { Count: > 0 } items) throw Json.Invalid(key, "a list of at least one string is expected");
        return [.. items.Select(item => item.Type == JTokenType.String && (string)item! is { Length: > 0 } text
            ? text
            : throw Json.Invalid(key, item, "a string that is not empty is expected"))];
    }

    /// <summary>A truth value; false when the key is missing.</summary>
    /// <exception cref="PruneBuildException">PB1012.</exception>
    public bool Flag(string key) =>
        Json.Has(key) && (Json.Required(key) is JValue { Value: bool flag } ? flag : throw Json.Invalid(key, "true or false is expected"));

    /// <summary>A number of 0 or more; null when the key is missing.</summary>
    /// <exception cref="PruneBuildException">PB1012.</exception>
    public double? NonNegative(string key) => !Json.Has(key) ? null
        : Json.Number(key) is >= 0 and var number ? number
        : throw Json.Invalid(key, "a number of 0 or more is expected");
}
