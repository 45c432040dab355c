using System.Text;
using System.Text.RegularExpressions;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// The normalization of P. Rajpurkar et al., "SQuAD: 100,000+ questions for machine comprehension of text", EMNLP 2016: lower case,
/// no ASCII punctuation, no English articles, words apart by one space.
/// </summary>
internal static partial class SquadText
{
    /// <summary>The words of a text.</summary>
    public static string[] Words(string text)
    {
        var letters = new StringBuilder(text.Length);
        foreach (var character in text.ToLowerInvariant())
        {
            if (!(char.IsAscii(character) && (char.IsPunctuation(character) || char.IsSymbol(character)))) letters.Append(character);
        }
        return Article().Replace(letters.ToString(), " ").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex(@"\b(?:a|an|the)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Article();
}
