namespace PruneBuild.Runtime.Text;

/// <summary>
/// Says which tokens may come next so that the text fits a grammar. What it found for a place in the grammar it keeps, for this text and
/// those after it. Not for several threads.
/// </summary>
internal sealed class ConstrainedVocabulary
{
    /// <summary>Memory of states and masks above which they are forgotten.</summary>
    private const long MostBytes = 64 << 20;

    private readonly TokenTrie trie;
    private readonly GrammarAutomaton automaton;
    private readonly IReadOnlyList<int> endTokens;
    private readonly int vocabulary;
    private AutomatonState state;
    private long maskBytes;

    /// <summary>Begins at the beginning of a text.</summary>
    /// <param name="grammar">What fits.</param>
    /// <param name="trie">The tokens.</param>
    /// <param name="endTokens">Those that end a text; not in the trie.</param>
    /// <param name="vocabulary">Logits of the model.</param>
    public ConstrainedVocabulary(Grammar grammar, TokenTrie trie, IReadOnlyList<int> endTokens, int vocabulary)
    {
        (this.trie, this.endTokens, this.vocabulary) = (trie, endTokens, vocabulary);
        automaton = new GrammarAutomaton(grammar);
        state = automaton.Start();
    }

    /// <summary>Whether the text fits as it is, and nothing may follow.</summary>
    public bool IsComplete => state.CanEnd && state.Frames.Count == 0;

    /// <summary>Goes back to the beginning.</summary>
    public void Restart() => state = automaton.Start();

    /// <summary>Whether a token may come next.</summary>
    public bool Allows(int token) => endTokens.Contains(token) ? state.CanEnd : After(token) is not null;

    /// <summary>All tokens that may come next.</summary>
    /// <exception cref="EdgeModelException">PB6118: there are none, for the vocabulary lacks those that could write what must follow.</exception>
    public TokenMask Allowed()
    {
        if (state.Mask is null)
        {
            state.Mask = Find();
            maskBytes += state.Mask.Size;
        }
        return state.Mask.Count > 0 ? state.Mask
            : throw new EdgeModelException(EdgeModelException.ConstraintUnwritable, $"No token of the vocabulary writes what must follow: {Wanted()}.");
    }

    /// <summary>Takes a token that may come next.</summary>
    public void Take(int token)
    {
        if (endTokens.Contains(token))
            return;
        state = After(token) ?? throw new ArgumentException($"Token {token} does not fit.", nameof(token));
        if (maskBytes + automaton.Bytes <= MostBytes)
            return;
        maskBytes = 0;
        state = automaton.Forget(state);
    }

    private AutomatonState? After(int token)
    {
        if (trie.BytesOf(token) is not { } bytes)
            return null;
        var reached = state;
        foreach (var value in bytes)
        {
            if (automaton.Next(reached, value) is not { } next)
                return null;
            reached = next;
        }
        return reached;
    }

    private TokenMask Find()
    {
        var mask = new TokenMask(vocabulary);
        trie.Walk(automaton, state, mask.Add);
        if (state.CanEnd)
            foreach (var token in endTokens)
                mask.Add(token);
        return mask;
    }

    /// <summary>The bytes that may follow, for a message.</summary>
    private string Wanted() => string.Join(", ", Enumerable.Range(0, 256).Where(value => automaton.Next(state, (byte)value) is not null)
        .Select(value => value is > ' ' and < 127 ? $"'{(char)value}'" : $"0x{value:X2}"));
}
