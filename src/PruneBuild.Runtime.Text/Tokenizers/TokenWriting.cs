using System.Globalization;
using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>How the tokens of a vocabulary write text.</summary>
/// <param name="ByteLevel">Whether every character of a token is a byte.</param>
/// <param name="Space">What stands for a space, or null.</param>
/// <param name="ByteFallback">Whether tokens such as <c>&lt;0x0A&gt;</c> are bytes.</param>
/// <param name="StripsFirstSpace">Whether a space at the beginning of a text is not part of it.</param>
/// <param name="DropsFirstSpaces">Whether no space of a text's first token is part of it.</param>
internal sealed record TokenWriting(bool ByteLevel, string? Space, bool ByteFallback, bool StripsFirstSpace, bool DropsFirstSpaces = false)
{
    /// <summary>The bytes of a token.</summary>
    /// <param name="token">As the vocabulary writes it.</param>
    /// <param name="startsText">Whether a text begins with it.</param>
    public byte[] Bytes(string token, bool startsText = false)
    {
        if (ByteLevel && ByteAlphabet.BytesOf(token) is { } bytes)
            return bytes;
        if (ByteFallback && token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value))
            return [value];
        return Encoding.UTF8.GetBytes(Space is null ? token : token.Replace(Space, startsText && DropsFirstSpaces ? "" : " ", StringComparison.Ordinal));
    }
}
