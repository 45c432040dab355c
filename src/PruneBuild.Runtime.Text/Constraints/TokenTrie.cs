namespace PruneBuild.Runtime.Text;

/// <summary>
/// The tokens of a vocabulary by their bytes, as a tree in the order of a depth-first walk: a branch that does not fit is one jump. It does
/// not change and may be shared by threads.
/// </summary>
internal sealed class TokenTrie
{
    private readonly byte[]?[] bytes;
    private readonly Node[] nodes;
    private readonly int[] tokens;
    private readonly int depth;

    /// <summary>Takes the tokens that write text, and special ones whose names are read as text.</summary>
    /// <param name="tokenizer">Whose tokens.</param>
    /// <param name="count">From this number on the model has no logits.</param>
    /// <param name="visible">Those special ones.</param>
    /// <param name="endTokens">Those that end a text, which is all that they say.</param>
    public TokenTrie(TextTokenizer tokenizer, int count, IReadOnlyList<int> visible, IReadOnlyList<int> endTokens)
    {
        bytes = new byte[]?[Math.Min(tokenizer.Count, count)];
        for (var token = 0; token < bytes.Length; token++)
            if (tokenizer.TextOf(token) is { Bytes.Length: > 0 } text && (!text.IsSpecial || visible.Contains(token)) && !endTokens.Contains(token))
                bytes[token] = text.Bytes;
        tokens = [.. Enumerable.Range(0, bytes.Length).Where(token => bytes[token] is not null)];
        Array.Sort(tokens, (a, b) => bytes[a].AsSpan().SequenceCompareTo(bytes[b]) is not 0 and var sign ? sign : a.CompareTo(b));
        nodes = Nodes();
        depth = tokens.Length == 0 ? 0 : tokens.Max(token => bytes[token]!.Length);
    }

    /// <summary>What a token writes, or null when it writes no text.</summary>
    public byte[]? BytesOf(int token) => token < bytes.Length ? bytes[token] : null;

    /// <summary>Takes every token whose bytes an automaton may read next.</summary>
    public void Walk(GrammarAutomaton automaton, AutomatonState from, Action<int> take)
    {
        var reached = new AutomatonState[depth + 1];
        reached[0] = from;
        for (var index = 0; index < nodes.Length;)
        {
            var node = nodes[index];
            if (automaton.Next(reached[node.Depth], node.Value) is not { } next)
            {
                index = node.End;
                continue;
            }
            reached[node.Depth + 1] = next;
            index++;
            for (var token = node.First; token < node.Last; token++)
                take(tokens[token]);
        }
    }

    private Node[] Nodes()
    {
        var (made, path, before) = (new List<Node>(), new Stack<int>(), Array.Empty<byte>());
        for (var index = 0; index < tokens.Length; index++)
        {
            var text = bytes[tokens[index]]!;
            var common = before.AsSpan().CommonPrefixLength(text);
            while (path.Count > common)
                made[path.Peek()] = made[path.Pop()] with { End = made.Count };
            for (var at = common; at < text.Length; at++)
            {
                path.Push(made.Count);
                made.Add(new Node(text[at], at, 0, index, index));
            }
            // Tokens of the same bytes, such as a letter and its byte, share a node.
            made[path.Peek()] = made[path.Peek()] with { Last = index + 1 };
            before = text;
        }
        while (path.TryPop(out var node))
            made[node] = made[node] with { End = made.Count };
        return [.. made];
    }

    /// <summary>A byte of tokens that begin alike.</summary>
    /// <param name="Value">The byte.</param>
    /// <param name="Depth">Bytes before it.</param>
    /// <param name="End">The node behind the branch.</param>
    /// <param name="First">The first token that ends here, in order.</param>
    /// <param name="Last">The one behind the last.</param>
    private readonly record struct Node(byte Value, int Depth, int End, int First, int Last);
}
