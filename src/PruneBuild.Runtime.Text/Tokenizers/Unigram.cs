using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>
/// A unigram language model of pieces (Kudo, 2018): a text is cut where the sum of its pieces' scores is largest (Viterbi), of equals where
/// the last piece begins first. A character that is no piece scores ten less than the worst piece; such characters side by side are one
/// unknown token, or their bytes.
/// </summary>
internal sealed class Unigram : ITokenModel
{
    private const double UnknownPenalty = 10;
    private const int None = PieceTrie.None;

    private readonly PieceTrie trie;
    private readonly double[] scores;
    private readonly double unknownScore;
    private readonly int unknown;
    private readonly int[]? byteTokens;

    /// <summary>Takes the parts of a vocabulary.</summary>
    /// <param name="vocabulary">Pieces, none empty and no two alike, with their finite scores.</param>
    /// <param name="unknown">The piece that stands for what is none.</param>
    /// <param name="byteFallback">Whether the bytes of such characters stand for them, where the vocabulary has all.</param>
    public Unigram(IReadOnlyList<(string Piece, double Score)> vocabulary, int unknown, bool byteFallback)
    {
        this.unknown = unknown;
        trie = new PieceTrie([.. vocabulary.Select(entry => Encoding.UTF8.GetBytes(entry.Piece))]);
        scores = [.. vocabulary.Select(entry => entry.Score)];
        unknownScore = scores.Min() - UnknownPenalty;
        byteTokens = byteFallback ? [.. Enumerable.Range(0, 256).Select(value => trie.Find(Encoding.ASCII.GetBytes($"<0x{value:X2}>")))] : null;
    }

    public PieceEncoder CreateEncoder()
    {
        var path = new BestPath();
        return (piece, tokens) => Encode(piece, path, tokens);
    }

    private void Encode(ReadOnlySpan<char> piece, BestPath path, List<int> tokens)
    {
        var text = path.Start(piece);
        for (var (at, next) = (0, 0); at < text.Length; at = next)
        {
            next = at + LengthOf(text[at]);
            var (node, end, single) = (PieceTrie.Root, at, false);
            while (end < text.Length && (node = trie.Next(node, text[end])) != None)
            {
                end++;
                if (trie.PieceAt(node) is not None and var found)
                {
                    path.Offer(at, end, found, scores[found]);
                    single |= end == next;
                }
            }
            if (!single)
                path.Offer(at, next, unknown, unknownScore);
        }
        Collect(text, path, tokens);
    }

    /// <summary>Adds the tokens of the best path, which is read from its end.</summary>
    private void Collect(ReadOnlySpan<byte> text, BestPath path, List<int> tokens)
    {
        var first = tokens.Count;
        for (var end = text.Length; end > 0;)
        {
            var (start, token) = path.Last(end);
            if (token == unknown)
            {
                while (start > 0 && path.Last(start) is var before && before.Token == unknown)
                    start = before.Start;
                AddUnknown(text[start..end], tokens);
            }
            else
                tokens.Add(token);
            end = start;
        }
        tokens.Reverse(first, tokens.Count - first);
    }

    /// <summary>Adds what stands for unknown characters, last first; scores above zero can make a piece of them all the same.</summary>
    private void AddUnknown(ReadOnlySpan<byte> text, List<int> tokens)
    {
        var found = trie.Find(text);
        if (found != None || !HasBytes(text))
        {
            tokens.Add(found == None ? unknown : found);
            return;
        }
        for (var index = text.Length - 1; index >= 0; index--)
            tokens.Add(byteTokens![text[index]]);
    }

    private bool HasBytes(ReadOnlySpan<byte> text)
    {
        if (byteTokens is null)
            return false;
        foreach (var value in text)
            if (byteTokens[value] == None)
                return false;
        return true;
    }

    /// <summary>Bytes of the character that begins with a byte.</summary>
    private static int LengthOf(byte lead) => lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

    /// <summary>A text in UTF-8, and for each of its places the best path that ends there.</summary>
    private sealed class BestPath
    {
        private byte[] text = [];
        private (double Score, int Start, int Token)[] ends = [];

        public ReadOnlySpan<byte> Start(ReadOnlySpan<char> piece)
        {
            var count = Encoding.UTF8.GetByteCount(piece);
            if (count >= ends.Length)
                (text, ends) = (new byte[count], new (double, int, int)[count + 1]);
            ends.AsSpan(0, count + 1).Fill((0, None, None));
            return text.AsSpan(0, Encoding.UTF8.GetBytes(piece, text));
        }

        public void Offer(int start, int end, int token, double score)
        {
            var total = ends[start].Score + score;
            if (ends[end].Start == None || total > ends[end].Score)
                ends[end] = (total, start, token);
        }

        public (int Start, int Token) Last(int end) => (ends[end].Start, ends[end].Token);
    }
}
