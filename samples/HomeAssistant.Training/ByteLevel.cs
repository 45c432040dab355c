namespace HomeAssistant.Training;

/// <summary>The visible characters that stand for bytes in byte-level vocabularies (Radford et al. 2019).</summary>
internal static class ByteLevel
{
    private static readonly char[] CharacterOfByte = Characters();

    /// <summary>All 256 characters in the order of their code points, as trained vocabularies list them.</summary>
    public static IReadOnlyList<string> Alphabet { get; } = [.. CharacterOfByte.Order().Select(character => character.ToString())];

    /// <summary>A text with every byte of its UTF-8 as one character.</summary>
    public static string Spell(ReadOnlySpan<byte> utf8)
    {
        var spelled = new char[utf8.Length];
        for (var i = 0; i < utf8.Length; i++)
            spelled[i] = CharacterOfByte[utf8[i]];
        return new string(spelled);
    }

    private static char[] Characters()
    {
        var characters = new char[256];
        var next = 256;
        for (var value = 0; value < 256; value++)
            characters[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)value : (char)next++;
        return characters;
    }
}
