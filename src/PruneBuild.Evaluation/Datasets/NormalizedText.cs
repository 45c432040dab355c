using System.Globalization;
using System.Text;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>Texts without what does not change their meaning: case, punctuation and white space.</summary>
internal static class NormalizedText
{
    /// <summary>The words apart by one space; a text without any letter or digit as it is.</summary>
    public static string Of(string text)
    {
        var words = Words(text);
        return words.Count == 0 ? text.Trim() : string.Join(' ', words);
    }

    /// <summary>
    /// Runs of letters, digits and marks in lower case. A letter without case that stands for a syllable or a word (as in Chinese) is a
    /// word of its own where it is not written with others by spaces: those of the CJK blocks.
    /// </summary>
    public static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        void End()
        {
            if (word.Length == 0) return;
            words.Add(word.ToString());
            word.Clear();
        }
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsIdeograph(rune))
            {
                End();
                words.Add(rune.ToString());
            }
            else if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark)
            {
                word.Append(Rune.ToLowerInvariant(rune));
            }
            else
            {
                End();
            }
        }
        End();
        return words;
    }

    private static bool IsIdeograph(Rune rune) => rune.Value is (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);
}
