using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>Makes tokens of text and text of tokens, as the files beside a model say.</summary>
public abstract class TextTokenizer
{
    private const string JsonFile = "tokenizer.json";
    private const string SentencePieceFile = "tokenizer.model";

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly TokenizerSettings settings;
    private readonly TokenTable table;

    private protected TextTokenizer(TokenizerSettings settings, TokenTable table) => (this.settings, this.table) = (settings, table);

    /// <summary>The number above that of every token.</summary>
    public int Count => table.Count;

    /// <summary>The token that begins a text, or null.</summary>
    public int? BeginToken => settings.Begin is { } token ? IdOf(token) : null;

    /// <summary>The token that ends a text, or null.</summary>
    public int? EndToken => settings.End is { } token ? IdOf(token) : null;

    /// <summary>The largest number of a token that is not an added one: a model without logits for it has another tokenizer.</summary>
    internal int LargestModelToken => table.LargestModelToken;

    /// <summary>Most tokens of a text, as far as the tokenizer's files say so.</summary>
    internal int? ContextLength => settings.ContextLength;

    /// <summary>Reads the tokenizer of a folder: <c>tokenizer.json</c>, or else <c>tokenizer.model</c>.</summary>
    /// <param name="folder">With <c>tokenizer_config.json</c> beside it, if there is one.</param>
    /// <exception cref="EdgeModelException">PB6110: there is none, or it cannot be read. PB6111: it is of a kind that is not supported.</exception>
    public static TextTokenizer Load(string folder) => TryLoad(folder)
        ?? throw new EdgeModelException(EdgeModelException.TokenizerInvalid, $"'{folder}' has neither {JsonFile} nor {SentencePieceFile}.");

    /// <summary>The tokens of a text.</summary>
    /// <param name="text">Without lone surrogates.</param>
    /// <param name="addSpecialTokens">Whether tokens that begin or end every text are added.</param>
    /// <exception cref="EdgeModelException">PB6115: the text is not valid Unicode.</exception>
    public IReadOnlyList<int> Encode(string text, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        for (var index = 0; index < text.Length; index++)
        {
            if (!char.IsSurrogate(text[index]))
                continue;
            if (index + 1 == text.Length || !char.IsSurrogatePair(text[index], text[index + 1]))
                throw new EdgeModelException(EdgeModelException.GenerationInvalid, $"The text is not valid Unicode: half a character at {index}.");
            index++;
        }
        var tokens = new List<int>();
        Encode(text, addSpecialTokens, tokens);
        return tokens;
    }

    /// <summary>The tokens of a text in UTF-8.</summary>
    /// <exception cref="EdgeModelException">PB6115: the text is not valid UTF-8.</exception>
    /// <inheritdoc cref="Encode(string, bool)"/>
    /// <param name="utf8">The text's bytes.</param>
    /// <param name="addSpecialTokens">Whether tokens that begin or end every text are added.</param>
    public IReadOnlyList<int> Encode(ReadOnlySpan<byte> utf8, bool addSpecialTokens = true)
    {
        try
        {
            return Encode(Strict.GetString(utf8), addSpecialTokens);
        }
        catch (DecoderFallbackException exception)
        {
            throw new EdgeModelException(EdgeModelException.GenerationInvalid, $"The text is not valid UTF-8: byte {exception.Index}.", exception);
        }
    }

    /// <summary>The text of tokens; bytes that are no UTF-8 become U+FFFD.</summary>
    /// <param name="tokens">From 0 to below <see cref="Count"/>.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    /// <exception cref="EdgeModelException">PB6112: there is no such token.</exception>
    public string Decode(IEnumerable<int> tokens, bool skipSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        var stream = new TokenDecoder(table, skipSpecialTokens, startsText: true, []);
        var text = new StringBuilder();
        foreach (var token in tokens)
            text.Append(stream.Push(token));
        return text.Append(stream.Flush()).ToString();
    }

    /// <summary>Makes text of tokens that come one by one.</summary>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    /// <param name="startsText">Whether they are the beginning of a text: a tokenizer that puts a space before each takes it away again.</param>
    public TokenDecoder CreateDecoder(bool skipSpecialTokens = true, bool startsText = false) => new(table, skipSpecialTokens, startsText, []);

    /// <summary>The number of a token, or null.</summary>
    /// <param name="token">As the vocabulary writes it.</param>
    public int? IdOf(string token) => table.IdOf(token);

    /// <summary>How the vocabulary writes a token, or null.</summary>
    /// <param name="id">Its number.</param>
    public string? TokenOf(int id) => table.TokenOf(id);

    /// <summary>As the other, with special tokens that are text nevertheless.</summary>
    internal TokenDecoder CreateDecoder(bool startsText, IReadOnlyList<int> visible) => new(table, skipSpecialTokens: true, startsText, visible);

    /// <summary>What a token writes.</summary>
    internal TokenText TextOf(int token) => table.TextOf(token);

    /// <summary>The tokenizer, or null where there are no files of one.</summary>
    internal static TextTokenizer? TryLoad(string folder)
    {
        var (json, sentencePiece) = (Path.Combine(folder, JsonFile), Path.Combine(folder, SentencePieceFile));
        if (File.Exists(json))
            return TokenizerJson.Load(json, TokenizerSettings.Read(folder));
        return File.Exists(sentencePiece) ? SentencePieceModel.Load(sentencePiece, TokenizerSettings.Read(folder)) : null;
    }

    private protected abstract void Encode(string text, bool addSpecialTokens, List<int> tokens);
}
