namespace PruneBuild.Evaluation.Scorers;

/// <summary>The checks that an <c>expect</c> object can name, one line each.</summary>
internal static class CheckTypes
{
    /// <summary>Before a type: the check must not hold.</summary>
    public const string Not = "not-";

    private static readonly (string Type, bool HasIgnoreCase, Func<CheckSource, GenerationCheck> Parse)[] Known =
    [
        ("equals", true, EqualsCheck.Parse),
        ("contains", true, ContainsCheck.ParseOne),
        ("contains-all", true, ContainsCheck.ParseAll),
        ("contains-any", true, ContainsCheck.ParseAny),
        ("regex", true, RegexCheck.Parse),
        ("numeric", false, NumericCheck.Parse),
        ("json", false, JsonCheck.Parse),
        ("json-schema", false, JsonSchemaCheck.Parse),
        ("json-path", false, JsonPathCheck.Parse),
        ("tool-calls", false, ToolCallsCheck.Parse),
        ("length", false, LengthCheck.Parse),
        ("language", false, LanguageCheck.Parse),
        ("refusal", false, RefusalCheck.Parse),
        ("finish", false, FinishCheck.Parse),
        ("similarity", false, SimilarityCheck.Parse),
    ];

    /// <summary>Every type without <see cref="Not"/>; those with a leading i ignore letter case.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Known.SelectMany(known => known.HasIgnoreCase ? [known.Type, "i" + known.Type] : (string[])[known.Type])];

    /// <summary>The parser of a type without <see cref="Not"/>, and whether it ignores letter case; null when the type is unknown.</summary>
    public static (Func<CheckSource, GenerationCheck> Parse, bool IgnoreCase)? Find(string type)
    {
        foreach (var (name, hasIgnoreCase, parse) in Known)
        {
            if (type == name) return (parse, false);
            if (hasIgnoreCase && type == "i" + name) return (parse, true);
        }
        return null;
    }
}
