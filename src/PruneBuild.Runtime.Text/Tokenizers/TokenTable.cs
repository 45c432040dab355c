namespace PruneBuild.Runtime.Text;

/// <summary>The tokens of a tokenizer by name and by number, and the text that each writes.</summary>
internal sealed class TokenTable
{
    private readonly Dictionary<string, int> ids;
    private readonly string?[] tokens;
    private readonly TokenText?[] texts;
    private readonly HashSet<int> special;
    private readonly TokenWriting writing;

    /// <summary>Puts a vocabulary and what is added to it together.</summary>
    public TokenTable(IEnumerable<KeyValuePair<string, int>> vocabulary, IReadOnlyCollection<AddedToken> added, TokenWriting writing)
    {
        this.writing = writing;
        ids = new Dictionary<string, int>(vocabulary, StringComparer.Ordinal);
        LargestModelToken = ids.Values.Except(added.Select(token => token.Id)).DefaultIfEmpty(-1).Max();
        foreach (var token in added)
            ids[token.Content] = token.Id;
        special = [.. added.Where(token => token.IsSpecial).Select(token => token.Id)];
        tokens = new string?[ids.Values.Max() + 1];
        texts = new TokenText?[tokens.Length];
        foreach (var (token, id) in ids)
            tokens[id] = token;
    }

    /// <summary>The number above that of every token.</summary>
    public int Count => tokens.Length;

    /// <inheritdoc cref="TextTokenizer.LargestModelToken"/>
    public int LargestModelToken { get; }

    /// <summary>Whether the first space of a text was put there by the tokenizer.</summary>
    public bool StripsFirstSpace => writing.StripsFirstSpace;

    /// <summary>The number of a token, or null.</summary>
    public int? IdOf(string token) => ids.TryGetValue(token, out var id) ? id : null;

    /// <summary>The name of a number, or null.</summary>
    public string? TokenOf(int id) => id >= 0 && id < tokens.Length ? tokens[id] : null;

    /// <summary>What a token adds to a text; a number without a token is padding of the vocabulary, which writes nothing.</summary>
    /// <exception cref="EdgeModelException">PB6112: there is no such token.</exception>
    public TokenText TextOf(int id)
    {
        if (id < 0 || id >= tokens.Length)
            throw new EdgeModelException(EdgeModelException.VocabularyMismatch, $"There is no token {id}; the tokenizer has those from 0 to {tokens.Length - 1}.");
        return texts[id] ??= new(tokens[id] is { } token ? writing.Bytes(token) : [], special.Contains(id));
    }

    /// <summary>The bytes of a token with which a text begins.</summary>
    public byte[] FirstBytesOf(int id) => tokens[id] is { } token ? writing.Bytes(token, startsText: true) : [];
}
