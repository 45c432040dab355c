namespace PruneBuild.Runtime.Text;

/// <summary>
/// The characters by which byte-level vocabularies write bytes (Radford et al., GPT-2, 2019): printable ones of Latin-1 for themselves,
/// the other 68 as U+0100 and following.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = Make();
    private static readonly Dictionary<char, byte> Bytes = Characters.Select((character, value) => (character, value)).ToDictionary(pair => pair.character, pair => (byte)pair.value);

    /// <summary>The character of a byte.</summary>
    public static char Of(byte value) => Characters[value];

    /// <summary>The bytes of a token, or null when it has a character that is none of a byte.</summary>
    public static byte[]? BytesOf(string token)
    {
        var bytes = new byte[token.Length];
        for (var index = 0; index < token.Length; index++)
            if (!Bytes.TryGetValue(token[index], out bytes[index]))
                return null;
        return bytes;
    }

    private static char[] Make()
    {
        var (characters, next) = (new char[256], 0x100);
        for (var value = 0; value < 256; value++)
            characters[value] = value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? (char)value : (char)next++;
        return characters;
    }
}
