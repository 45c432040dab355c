namespace HomeAssistant.Language;

/// <summary>Errors of typing in longer words: two letters swapped, one left out, doubled, or the neighbour's key hit.</summary>
internal static class TypingErrors
{
    private const int ShortestWord = 4;

    private static readonly string[] Keyboard = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

    /// <summary>A sentence with so many errors, fewer where it has not enough long words.</summary>
    public static string Make(string sentence, int count, SplitMix64 random)
    {
        var words = sentence.Split(' ');
        var open = Enumerable.Range(0, words.Length).Where(index => words[index].Length >= ShortestWord && words[index].All(char.IsAsciiLetter)).ToList();
        for (; count > 0 && open.Count > 0; count--)
        {
            var chosen = random.Below(open.Count);
            words[open[chosen]] = Make(words[open[chosen]], random);
            open.RemoveAt(chosen);
        }
        return string.Join(' ', words);
    }

    private static string Make(string word, SplitMix64 random)
    {
        var at = random.Below(word.Length - 1);
        return random.Below(4) switch
        {
            0 => word[..at] + word[at + 1] + word[at] + word[(at + 2)..],
            1 => word.Remove(at + 1, 1),
            2 => word.Insert(at, word[at].ToString()),
            _ => word[..at] + Neighbour(word[at], random) + word[(at + 1)..],
        };
    }

    private static char Neighbour(char letter, SplitMix64 random)
    {
        var row = Array.Find(Keyboard, keys => keys.Contains(letter, StringComparison.Ordinal));
        if (row is null)
            return letter;
        var at = row.IndexOf(letter, StringComparison.Ordinal);
        return row[at == 0 ? 1 : at == row.Length - 1 || random.Chance(0.5f) ? at - 1 : at + 1];
    }
}
