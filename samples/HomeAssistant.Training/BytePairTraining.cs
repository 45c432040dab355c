using System.Text;
using System.Text.RegularExpressions;

namespace HomeAssistant.Training;

/// <summary>
/// Byte pair encoding (Sennrich, Haddow, Birch 2016) over bytes: the most frequent pair becomes a token, again and again. Of pairs that
/// are equally frequent, the ordinally first is taken, so that the same texts give the same merges.
/// </summary>
internal static partial class BytePairTraining
{
    /// <summary>How byte-level tokenizers cut a text into words before they merge.</summary>
    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    public static partial Regex Words();

    /// <summary>So many merges, the first ones first.</summary>
    public static IReadOnlyList<(string Left, string Right)> Merges(IEnumerable<string> texts, int count)
    {
        var words = Count(texts);
        var merges = new List<(string, string)>();
        while (merges.Count < count)
        {
            var pairs = new Dictionary<(string, string), long>();
            foreach (var (parts, times) in words)
                for (var i = 1; i < parts.Count; i++)
                    pairs[(parts[i - 1], parts[i])] = pairs.GetValueOrDefault((parts[i - 1], parts[i])) + times;
            var best = pairs.Where(pair => pair.Value > 1).OrderByDescending(pair => pair.Value)
                .ThenBy(pair => pair.Key.Item1, StringComparer.Ordinal).ThenBy(pair => pair.Key.Item2, StringComparer.Ordinal).FirstOrDefault();
            if (best.Value == 0)
                throw new InvalidOperationException($"the texts have only {merges.Count} merges");
            merges.Add(best.Key);
            foreach (var (parts, _) in words)
                Merge(parts, best.Key);
        }
        return merges;
    }

    private static List<(List<string> Parts, long Times)> Count(IEnumerable<string> texts)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var text in texts)
            foreach (var word in Words().EnumerateMatches(text))
            {
                var spelled = ByteLevel.Spell(Encoding.UTF8.GetBytes(text.Substring(word.Index, word.Length)));
                counts[spelled] = counts.GetValueOrDefault(spelled) + 1;
            }
        return [.. counts.Select(word => (word.Key.Select(letter => letter.ToString()).ToList(), word.Value))];
    }

    private static void Merge(List<string> parts, (string Left, string Right) pair)
    {
        for (var i = 1; i < parts.Count; i++)
        {
            if (parts[i - 1] != pair.Left || parts[i] != pair.Right)
                continue;
            parts[i - 1] += parts[i];
            parts.RemoveAt(i);
        }
    }
}
