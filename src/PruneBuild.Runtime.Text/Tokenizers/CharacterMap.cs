using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>
/// SentencePiece's precompiled map of characters: the length of a double array (Aoe, 1989; as Darts-clone lays it out), the array, and texts
/// that end with a zero, to which its leaves point. It is applied as Hugging Face's tokenizers do: the shortest beginning that is in the map
/// stands for a whole grapheme of fewer than six bytes, and else for a character.
/// </summary>
internal sealed class CharacterMap
{
    private const int MostBytes = 5;

    /// <summary>Of a text that stands for a character: many times what Unicode's own compositions take.</summary>
    private const int MostTextBytes = 1 << 10;

    private readonly uint[] units;
    private readonly byte[] texts;

    /// <summary>Reads a map.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    public CharacterMap(ReadOnlySpan<byte> data)
    {
        if (data.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32LittleEndian(data) is var size && (size is < sizeof(uint) || size > data.Length - sizeof(uint)))
            throw new FormatException("the precompiled map of characters ends within its array");
        units = new uint[size / sizeof(uint)];
        for (var index = 0; index < units.Length; index++)
            units[index] = BinaryPrimitives.ReadUInt32LittleEndian(data[((index + 1) * sizeof(uint))..]);
        texts = data[(sizeof(uint) + (units.Length * sizeof(uint)))..].ToArray();
        for (var rest = texts.AsSpan(); rest.IndexOf((byte)0) is var length; rest = rest[(length + 1)..])
        {
            if ((length < 0 ? rest.Length : length) > MostTextBytes)
                throw new FormatException($"a text of the precompiled map of characters has more than {MostTextBytes} bytes");
            if (length < 0)
                return;
        }
    }

    /// <summary>A text as mapped.</summary>
    public string Apply(string text)
    {
        var mapped = new StringBuilder(text.Length);
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var length = StringInfo.GetNextTextElementLength(rest);
            var grapheme = rest[..length];
            rest = rest[length..];
            if (Replacement(grapheme) is { } whole)
            {
                mapped.Append(whole);
                continue;
            }
            while (!grapheme.IsEmpty)
            {
                Rune.DecodeFromUtf16(grapheme, out _, out var count);
                if (length > count && Replacement(grapheme[..count]) is { } one)
                    mapped.Append(one);
                else
                    mapped.Append(grapheme[..count]);
                grapheme = grapheme[count..];
            }
        }
        return mapped.ToString();
    }

    private string? Replacement(ReadOnlySpan<char> characters)
    {
        // A character has at least as many bytes in UTF-8 as in UTF-16.
        if (characters.Length > MostBytes)
            return null;
        Span<byte> bytes = stackalloc byte[3 * MostBytes];
        bytes = bytes[..Encoding.UTF8.GetBytes(characters, bytes)];
        return bytes.Length <= MostBytes && Find(bytes) is { } at && at <= texts.Length
            ? Encoding.UTF8.GetString(texts.AsSpan(at) is var text && text.IndexOf((byte)0) is >= 0 and var end ? text[..end] : text) : null;
    }

    /// <summary>Where the text of the shortest beginning of a key stands, or null.</summary>
    private int? Find(ReadOnlySpan<byte> key)
    {
        var at = Offset(units[0]);
        foreach (var label in key)
        {
            at ^= label;
            // The second byte from below says whether a key ends here; the highest bit is that of a leaf.
            if (label == 0 || at >= units.Length || (units[at] & 0x8000_00FF) != label)
                return null;
            var unit = units[at];
            at ^= Offset(unit);
            if ((unit & 0x100) != 0)
                return at < units.Length ? (int)(units[at] & 0x7FFF_FFFF) : null;
        }
        return null;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}

/// <summary>As SentencePiece's models map characters.</summary>
internal sealed record MappingNormalizer(CharacterMap Map) : Normalizer
{
    public override string Apply(string text) => Map.Apply(text);
}
