using System.Text.Json;

namespace PruneBuild.Runtime.Text;

/// <summary>
/// Reads a <c>tokenizer.json</c>: byte pair encoding of bytes or characters, as the Llama, Mistral, Qwen, Gemma, Phi, GPT-2 and NeoX families
/// have it, or the unigram language model of SentencePiece, as the T5 and XLM families.
/// </summary>
internal sealed class TokenizerJson
{
    private const int MostTokens = 1 << 22;
    private const int MostPieceCharacters = 1 << 10;

    private readonly string path;
    private readonly TokenizerParts parts;

    private TokenizerJson(string path) => (this.path, parts) = (path, new TokenizerParts(path));

    /// <summary>Reads the file.</summary>
    /// <exception cref="EdgeModelException">PB6110: it is damaged. PB6111: a part of it is not supported.</exception>
    public static TextTokenizer Load(string path, TokenizerSettings settings)
    {
        using var document = TokenizerFile.Parse(path);
        try
        {
            return new TokenizerJson(path).Read(document.RootElement, settings);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new EdgeModelException(EdgeModelException.TokenizerInvalid, $"{path}: it is damaged: {exception.Message}", exception);
        }
    }

    private JsonTokenizer Read(JsonElement root, TokenizerSettings settings)
    {
        var model = root.GetProperty("model");
        var type = TokenizerParts.Text(model, "type") ?? (model.TryGetProperty("merges", out _) ? "BPE" : "unnamed");
        var byteLevel = TokenizerParts.HasByteLevel(TokenizerParts.Part(root, "pre_tokenizer"));
        (ITokenModel Encoding, Dictionary<string, int> Vocabulary) read = type switch
        {
            "BPE" => BytePairs(model, byteLevel),
            "Unigram" when byteLevel => throw TokenizerFile.Unsupported(path, "pre_tokenizer.type", "ByteLevel", "with Unigram others"),
            "Unigram" => UnigramOf(model),
            _ => throw TokenizerFile.Unsupported(path, "model.type", type, "BPE, Unigram"),
        };
        var added = root.TryGetProperty("added_tokens", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(Added).ToList() : [];
        if (added.Exists(token => token.Id is < 0 or > MostTokens))
            throw TokenizerFile.Invalid(path, $"added_tokens has numbers beyond {MostTokens}");
        var table = new TokenTable(read.Vocabulary, added, parts.Writing(TokenizerParts.Part(root, "decoder")));
        return new JsonTokenizer(
            settings, table, read.Encoding, added, parts.Normalizer(TokenizerParts.Part(root, "normalizer"), "normalizer"),
            parts.Splitter(TokenizerParts.Part(root, "pre_tokenizer"), "pre_tokenizer"), parts.Framing(TokenizerParts.Part(root, "post_processor"), "post_processor"));
    }

    private (BytePairEncoding Encoding, Dictionary<string, int> Vocabulary) BytePairs(JsonElement model, bool byteLevel)
    {
        foreach (var key in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
            if (TokenizerParts.Text(model, key) is { Length: > 0 } affix)
                throw TokenizerFile.Unsupported(path, $"model.{key}", affix, "none");
        var vocabulary = model.GetProperty("vocab").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetInt32(), StringComparer.Ordinal);
        if (vocabulary.Count == 0 || vocabulary.Values.Any(id => id is < 0 or > MostTokens))
            throw TokenizerFile.Invalid(path, $"model.vocab has no tokens, or numbers beyond {MostTokens}");
        var encoding = new BytePairEncoding(vocabulary, model.GetProperty("merges").EnumerateArray().Select(Merge), byteLevel)
        {
            ByteFallback = TokenizerParts.Flag(model, "byte_fallback", false),
            IgnoreMerges = TokenizerParts.Flag(model, "ignore_merges", false),
            Unknown = TokenizerParts.Text(model, "unk_token") is { } unknown ? vocabulary[unknown] : null,
            FuseUnknown = TokenizerParts.Flag(model, "fuse_unk", false),
        };
        return (encoding, vocabulary);
    }

    private (Unigram Encoding, Dictionary<string, int> Vocabulary) UnigramOf(JsonElement model)
    {
        var pieces = model.GetProperty("vocab").EnumerateArray().Select(entry => entry.GetArrayLength() == 2
            ? (Piece: entry[0].GetString()!, Score: entry[1].GetDouble()) : throw new FormatException("a piece of model.vocab is not a text and a score")).ToList();
        if (pieces.Count is 0 or > MostTokens)
            throw TokenizerFile.Invalid(path, $"model.vocab has {pieces.Count} pieces; 1 to {MostTokens} are expected");
        var vocabulary = new Dictionary<string, int>(pieces.Count, StringComparer.Ordinal);
        foreach (var (piece, score) in pieces)
        {
            if (piece is not { Length: > 0 and <= MostPieceCharacters } || !double.IsFinite(score))
                throw TokenizerFile.Invalid(path, $"piece {vocabulary.Count} of model.vocab is empty, longer than {MostPieceCharacters} characters, or has no finite score");
            if (!vocabulary.TryAdd(piece, vocabulary.Count))
                throw TokenizerFile.Invalid(path, $"model.vocab has the piece '{piece}' twice");
        }
        // Without it most texts could not be written.
        if (!model.TryGetProperty("unk_id", out var id) || id.ValueKind == JsonValueKind.Null)
            throw TokenizerFile.Unsupported(path, "model.unk_id", "null", "the number of a piece");
        if (id.GetInt32() is var unknown && (unknown < 0 || unknown >= pieces.Count))
            throw TokenizerFile.Invalid(path, $"model.unk_id is {unknown}, and model.vocab has {pieces.Count} pieces");
        return (new Unigram(pieces, unknown, TokenizerParts.Flag(model, "byte_fallback", false)), vocabulary);
    }

    private static (string Left, string Right) Merge(JsonElement merge)
    {
        if (merge.ValueKind == JsonValueKind.Array)
            return (merge[0].GetString()!, merge[1].GetString()!);
        var text = merge.GetString()!;
        var space = text.IndexOf(' ', 1);
        return space > 0 && space + 1 < text.Length ? (text[..space], text[(space + 1)..]) : throw new FormatException($"the merge '{text}' is not a pair");
    }

    private static AddedToken Added(JsonElement token)
    {
        var special = TokenizerParts.Flag(token, "special", false);
        return new(token.GetProperty("id").GetInt32(), token.GetProperty("content").GetString()!, special, TokenizerParts.Flag(token, "normalized", !special),
            TokenizerParts.Flag(token, "single_word", false), TokenizerParts.Flag(token, "lstrip", false), TokenizerParts.Flag(token, "rstrip", false));
    }
}
