using System.Buffers;
using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>A token beside the vocabulary's, which is found in a text before anything else.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Content">What is found.</param>
/// <param name="IsSpecial">Whether it is no text.</param>
/// <param name="Normalized">Whether it is looked for after the text was normalized.</param>
/// <param name="SingleWord">Whether it is not part of a word.</param>
/// <param name="StripsLeft">Whether white space before it belongs to it.</param>
/// <param name="StripsRight">Whether white space behind it belongs to it.</param>
internal sealed record AddedToken(int Id, string Content, bool IsSpecial, bool Normalized, bool SingleWord, bool StripsLeft, bool StripsRight);

/// <summary>Finds added tokens: the leftmost, and of those the longest.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<char, (string Pattern, AddedToken Token)[]> byFirst;
    private readonly SearchValues<char> firsts;

    public AddedTokens(IEnumerable<AddedToken> tokens, Func<string, string> pattern)
    {
        byFirst = tokens.Select(token => (Pattern: pattern(token.Content), Token: token)).Where(pair => pair.Pattern.Length > 0).GroupBy(pair => pair.Pattern[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(pair => pair.Pattern.Length).ThenBy(pair => pair.Token.Id).ToArray());
        firsts = SearchValues.Create([.. byFirst.Keys]);
    }

    /// <summary>The parts of a text in order: what lies between tokens, without a token, and the tokens.</summary>
    public IEnumerable<(int Start, int End, AddedToken? Token)> Split(string text)
    {
        var (from, at) = (0, 0);
        while (at < text.Length && Next(text, ref at) is { } found)
        {
            var (start, end) = (at, at + found.Length);
            at = end;
            while (found.Token.StripsLeft && start > from && char.IsWhiteSpace(text[start - 1]))
                start--;
            while (found.Token.StripsRight && end < text.Length && char.IsWhiteSpace(text[end]))
                end++;
            if (start > from)
                yield return (from, start, null);
            yield return (start, end, found.Token);
            from = at = end;
        }
        if (from < text.Length)
            yield return (from, text.Length, null);
    }

    private (AddedToken Token, int Length)? Next(string text, ref int at)
    {
        while (text.AsSpan(at).IndexOfAny(firsts) is var skip and >= 0)
        {
            at += skip;
            foreach (var (pattern, token) in byFirst[text[at]])
                if (text.AsSpan(at).StartsWith(pattern, StringComparison.Ordinal) && !(token.SingleWord && IsInWord(text, at, at + pattern.Length)))
                    return (token, pattern.Length);
            at++;
        }
        return null;
    }

    private static bool IsInWord(string text, int start, int end) =>
        (start > 0 && IsWord(text[start - 1])) || (end < text.Length && IsWord(text[end]));

    private static bool IsWord(char character) => char.IsLetterOrDigit(character) || character == '_';
}
