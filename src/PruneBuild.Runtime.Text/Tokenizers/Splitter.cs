using System.Globalization;
using System.Text.RegularExpressions;

namespace PruneBuild.Runtime.Text;

/// <summary>Cuts a text into the pieces that are encoded one by one.</summary>
internal abstract record Splitter
{
    /// <summary>The pieces of a piece.</summary>
    /// <param name="piece">Not empty.</param>
    /// <param name="startsText">Whether the whole text begins with it.</param>
    public abstract IEnumerable<string> Split(string piece, bool startsText);
}

/// <summary>Several, one after another.</summary>
internal sealed record SplitterSequence(IReadOnlyList<Splitter> Parts) : Splitter
{
    public override IEnumerable<string> Split(string piece, bool startsText)
    {
        IEnumerable<string> pieces = [piece];
        foreach (var part in Parts)
            pieces = pieces.SelectMany((text, index) => part.Split(text, startsText && index == 0));
        return pieces;
    }
}

/// <summary>What becomes of a match.</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}

/// <summary>Cuts where something matches.</summary>
/// <param name="Matches">Start and length of every match, in order.</param>
/// <param name="Behavior">What becomes of them.</param>
/// <param name="Inverted">Whether what lies between is the match.</param>
internal sealed record PatternSplitter(Func<string, IEnumerable<(int Start, int Length)>> Matches, SplitBehavior Behavior, bool Inverted = false) : Splitter
{
    public override IEnumerable<string> Split(string piece, bool startsText)
    {
        var parts = new List<(int Start, int End, bool IsMatch)>();
        var at = 0;
        foreach (var (start, length) in Matches(piece))
        {
            if (start > at)
                parts.Add((at, start, Inverted));
            if (length > 0)
                parts.Add((start, start + length, !Inverted));
            at = start + length;
        }
        if (at < piece.Length)
            parts.Add((at, piece.Length, Inverted));
        return Joined(parts).Select(part => piece[part.Start..part.End]);
    }

    private IEnumerable<(int Start, int End, bool IsMatch)> Joined(List<(int Start, int End, bool IsMatch)> parts)
    {
        if (Behavior == SplitBehavior.Removed)
            return parts.Where(part => !part.IsMatch);
        if (Behavior == SplitBehavior.Isolated)
            return parts;
        var joined = new List<(int Start, int End, bool IsMatch)>();
        for (var index = 0; index < parts.Count; index++)
        {
            var part = parts[index];
            var joins = index > 0 && Behavior switch
            {
                SplitBehavior.MergedWithPrevious => part.IsMatch && !parts[index - 1].IsMatch,
                SplitBehavior.MergedWithNext => !part.IsMatch && parts[index - 1].IsMatch,
                _ => part.IsMatch == parts[index - 1].IsMatch,
            };
            if (joins)
                joined[^1] = (joined[^1].Start, part.End, part.IsMatch);
            else
                joined.Add(part);
        }
        return joined;
    }
}

/// <summary>A space before a piece that has none.</summary>
internal sealed record SpacePrefixer : Splitter
{
    public override IEnumerable<string> Split(string piece, bool startsText) => [piece.StartsWith(' ') ? piece : ' ' + piece];
}

/// <summary>Writes spaces as another character, before the text too.</summary>
/// <param name="Replacement">Instead of a space.</param>
/// <param name="Prepend">Before every piece (true), before the text alone (null) or never.</param>
/// <param name="Splits">Whether a piece ends before every one.</param>
internal sealed record MetaspaceSplitter(char Replacement, bool? Prepend, bool Splits) : Splitter
{
    public override IEnumerable<string> Split(string piece, bool startsText)
    {
        var text = piece.Replace(' ', Replacement);
        if ((Prepend ?? startsText) && text[0] != Replacement)
            text = Replacement + text;
        if (!Splits)
            return [text];
        return new PatternSplitter(Marks, SplitBehavior.MergedWithNext).Split(text, startsText);
    }

    private IEnumerable<(int Start, int Length)> Marks(string text) =>
        Enumerable.Range(0, text.Length).Where(index => text[index] == Replacement).Select(index => (index, 1));
}

/// <summary>Ways to find matches.</summary>
internal static class SplitMatches
{
    /// <summary>Of an expression, by characters rather than halves of them.</summary>
    public static Func<string, IEnumerable<(int Start, int Length)>> Of(Regex pattern) => text =>
    {
        var (proxy, starts) = CharacterProxy.Of(text);
        return pattern.EnumerateMatches(proxy) is var matches && starts is null ? All(matches) : All(matches).ConvertAll(match => (starts![match.Start], starts[match.Start + match.Length] - starts[match.Start]));
    };

    /// <summary>Of a text.</summary>
    public static Func<string, IEnumerable<(int Start, int Length)>> Of(string pattern) => text =>
    {
        var found = new List<(int Start, int Length)>();
        for (var at = 0; (at = text.IndexOf(pattern, at, StringComparison.Ordinal)) >= 0; at += pattern.Length)
            found.Add((at, pattern.Length));
        return found;
    };

    /// <summary>Of characters of a kind, one by one.</summary>
    public static Func<string, IEnumerable<(int Start, int Length)>> Of(Func<System.Text.Rune, bool> kind) => text =>
    {
        var (found, at) = (new List<(int Start, int Length)>(), 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (kind(rune))
                found.Add((at, rune.Utf16SequenceLength));
            at += rune.Utf16SequenceLength;
        }
        return found;
    };

    /// <summary>Digits, letters that are numbers, and other numbers.</summary>
    public static bool IsNumeric(System.Text.Rune rune) => System.Text.Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    /// <summary>Punctuation, and the symbols of ASCII.</summary>
    public static bool IsPunctuation(System.Text.Rune rune) => rune.IsAscii
        ? rune.Value is >= '!' and <= '/' or >= ':' and <= '@' or >= '[' and <= '`' or >= '{' and <= '~' : System.Text.Rune.IsPunctuation(rune);

    private static List<(int Start, int Length)> All(Regex.ValueMatchEnumerator matches)
    {
        var all = new List<(int Start, int Length)>();
        foreach (var match in matches)
            all.Add((match.Index, match.Length));
        return all;
    }
}
