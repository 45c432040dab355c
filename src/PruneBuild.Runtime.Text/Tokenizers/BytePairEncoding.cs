using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>
/// Byte pair encoding (Sennrich et al., 2016) by ranked merges: of the pairs that stand side by side the one of the lowest rank is merged, the
/// leftmost of equals, until none is left. Symbols are bytes, or characters with bytes for those that the vocabulary lacks.
/// </summary>
internal sealed class BytePairEncoding : ITokenModel
{
    private const int StackBytes = 256;

    private readonly Dictionary<string, int> vocabulary;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly Dictionary<long, (int Rank, int Token)> merges;
    private readonly int[] byteTokens;

    /// <summary>Takes the parts of a vocabulary.</summary>
    /// <param name="vocabulary">Tokens and their numbers.</param>
    /// <param name="merges">Pairs in the order of their rank.</param>
    /// <param name="byteLevel">Whether symbols are bytes.</param>
    /// <exception cref="ArgumentException">A merge is of tokens, or makes one, that the vocabulary lacks.</exception>
    public BytePairEncoding(Dictionary<string, int> vocabulary, IEnumerable<(string Left, string Right)> merges, bool byteLevel)
    {
        (this.vocabulary, lookup, ByteLevel) = (vocabulary, vocabulary.GetAlternateLookup<ReadOnlySpan<char>>(), byteLevel);
        this.merges = [];
        var rank = 0;
        foreach (var (left, right) in merges)
        {
            if (!vocabulary.TryGetValue(left, out var first) || !vocabulary.TryGetValue(right, out var second) || !vocabulary.TryGetValue(left + right, out var merged))
                throw new ArgumentException($"merge {rank} of '{left}' and '{right}' is of tokens, or makes one, that the vocabulary lacks", nameof(merges));
            // A pair that is listed twice has its last rank.
            this.merges[Pair(first, second)] = (rank++, merged);
        }
        byteTokens = new int[256];
        for (var value = 0; value < 256; value++)
            byteTokens[value] = vocabulary.GetValueOrDefault(byteLevel ? ByteAlphabet.Of((byte)value).ToString() : $"<0x{value:X2}>", -1);
    }

    /// <summary>Whether symbols are bytes.</summary>
    public bool ByteLevel { get; }

    /// <summary>Whether a character that the vocabulary lacks is written as its bytes.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a piece that is a token is that token, whatever the merges make of it.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>What stands for a symbol that cannot be written, or null to leave it out.</summary>
    public int? Unknown { get; init; }

    /// <summary>Whether several of those side by side are one.</summary>
    public bool FuseUnknown { get; init; }

    public PieceEncoder CreateEncoder()
    {
        var merging = new Merging();
        return (piece, tokens) => Encode(piece, merging, tokens);
    }

    /// <summary>Adds the tokens of a piece.</summary>
    private void Encode(ReadOnlySpan<char> piece, Merging merging, List<int> tokens)
    {
        if (piece.IsEmpty)
            return;
        if (IgnoreMerges && Whole(piece) is { } whole)
        {
            tokens.Add(whole);
            return;
        }
        merging.Clear();
        Span<byte> bytes = stackalloc byte[4];
        Span<char> characters = stackalloc char[2];
        var unknown = false;
        foreach (var rune in piece.EnumerateRunes())
        {
            if (!ByteLevel && lookup.TryGetValue(characters[..rune.EncodeToUtf16(characters)], out var token))
                merging.Add(token);
            else if (!(ByteLevel || ByteFallback) || !AddBytes(bytes[..rune.EncodeToUtf8(bytes)], merging))
            {
                if (Unknown is { } instead && !(unknown && FuseUnknown))
                    merging.Add(instead);
                unknown = true;
                continue;
            }
            unknown = false;
        }
        merging.Run(merges);
        merging.CopyTo(tokens);
    }

    /// <summary>The key of two tokens side by side.</summary>
    public static long Pair(int left, int right) => ((long)left << 32) | (uint)right;

    private bool AddBytes(ReadOnlySpan<byte> bytes, Merging merging)
    {
        foreach (var value in bytes)
            if (byteTokens[value] < 0)
                return false;
        foreach (var value in bytes)
            merging.Add(byteTokens[value]);
        return true;
    }

    private int? Whole(ReadOnlySpan<char> piece)
    {
        if (!ByteLevel)
            return lookup.TryGetValue(piece, out var found) ? found : null;
        var count = Encoding.UTF8.GetByteCount(piece);
        Span<byte> bytes = count <= StackBytes ? stackalloc byte[count] : new byte[count];
        Encoding.UTF8.GetBytes(piece, bytes);
        Span<char> written = count <= StackBytes ? stackalloc char[count] : new char[count];
        for (var index = 0; index < count; index++)
            written[index] = ByteAlphabet.Of(bytes[index]);
        return lookup.TryGetValue(written, out var token) ? token : null;
    }
}
