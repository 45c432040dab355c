using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>Makes text of tokens one by one. A character whose bytes are spread over tokens comes with the last of them.</summary>
public sealed class TokenDecoder
{
    private readonly TokenTable table;
    private readonly bool skipSpecialTokens;
    private readonly IReadOnlyList<int> visible;
    private readonly Decoder decoder = Encoding.UTF8.GetDecoder();
    private bool isFirst;
    private bool strips;

    internal TokenDecoder(TokenTable table, bool skipSpecialTokens, bool startsText, IReadOnlyList<int> visible)
    {
        (this.table, this.skipSpecialTokens, this.visible) = (table, skipSpecialTokens, visible);
        (isFirst, strips) = (startsText, startsText && table.StripsFirstSpace);
    }

    /// <summary>Takes a token, and gives the characters that are complete with it.</summary>
    /// <param name="token">From 0 to below <see cref="TextTokenizer.Count"/>.</param>
    /// <exception cref="EdgeModelException">PB6112: there is no such token.</exception>
    public string Push(int token)
    {
        var text = table.TextOf(token);
        if (text.IsSpecial && skipSpecialTokens && !visible.Contains(token))
            return "";
        ReadOnlySpan<byte> bytes = isFirst ? table.FirstBytesOf(token) : text.Bytes;
        isFirst = false;
        if (strips && !bytes.IsEmpty)
        {
            strips = false;
            if (bytes[0] == ' ')
                bytes = bytes[1..];
        }
        return Characters(bytes, flush: false);
    }

    /// <summary>The end of the text: a character that lacks bytes becomes U+FFFD.</summary>
    public string Flush() => Characters([], flush: true);

    private string Characters(ReadOnlySpan<byte> bytes, bool flush)
    {
        // A byte never gives more than one character, and what was kept at most one more.
        Span<char> characters = bytes.Length < 256 ? stackalloc char[260] : new char[bytes.Length + 4];
        return new string(characters[..decoder.GetChars(bytes, characters, flush)]);
    }
}
