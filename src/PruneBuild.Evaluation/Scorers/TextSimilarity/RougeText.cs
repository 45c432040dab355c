using System.Globalization;
using System.Text;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// Words as ROUGE counts them: lower case, everything but letters and digits separates, no stemming. Letters of any script count,
/// where Google's rouge_score drops all but a to z; on ASCII text both give the same words.
/// </summary>
internal static class RougeText
{
    /// <summary>The words of a text.</summary>
    public static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsPartOfWord(rune))
            {
                word.Append(Rune.ToLowerInvariant(rune).ToString());
            }
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }
        if (word.Length > 0) words.Add(word.ToString());
        return words;
    }

    private static bool IsPartOfWord(Rune rune) =>
        Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
