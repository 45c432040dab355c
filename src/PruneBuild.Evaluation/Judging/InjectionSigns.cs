using System.Text.RegularExpressions;

namespace PruneBuild.Evaluation.Judging;

/// <summary>
/// Finds text that talks to the judge. It decides nothing, since a harmless text may look like it and a clever one may not: what protects
/// is the fence and the number of the prompt. It tells people where to look.
/// </summary>
internal static class InjectionSigns
{
    // Non-backtracking: time grows with the text and nothing else, whatever the text.
    private static readonly Regex Signs = new(
        @"(?:ignore|disregard|forget)\s+(?:all\s+|any\s+|the\s+|your\s+){0,3}(?:previous|prior|above|earlier)?\s*(?:instructions?|rules?|rubric|prompts?)"
        + @"|^===\s*(?:input|output|end)\b|(?:system|judge|assistant)\s*(?:prompt|override|message)\s*:"
        + @"|(?:you\s+must|please|always)\s+(?:answer|respond|reply|output|rate|grade|score)\s+(?:with\s+|it\s+)?[""'`]?(?:pass|fail|10|5|correct|good)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.NonBacktracking);

    /// <summary>The first such passage, or null.</summary>
    public static string? Find(JudgeQuestion question) => Find("input", question.Input) ?? Find("output", question.Output);

    private static string? Find(string where, string text) => Signs.Match(text) is { Success: true } match ? $"'{match.Value.Trim()}' in the {where}" : null;
}
