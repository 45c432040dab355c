using Microsoft.ML.Tokenizers;

namespace PruneBuild.Runtime.Text;

/// <summary>A SentencePiece <c>tokenizer.model</c>, read by Microsoft.ML.Tokenizers.</summary>
internal sealed class SentencePieceModel : TextTokenizer
{
    private const string Space = "\u2581";

    private readonly SentencePieceTokenizer model;
    private readonly AddedTokens added;
    private readonly (bool Begin, bool End) adds;

    private SentencePieceModel(SentencePieceTokenizer model, TokenizerSettings settings, IReadOnlyList<AddedToken> added)
        : base(settings, new TokenTable(model.Vocabulary, added, new(false, model.EscapeWhiteSpaces ? Space : null, model.ByteFallback, model.AddDummyPrefix)))
    {
        this.model = model;
        this.added = new AddedTokens(added.Where(token => token.Content != model.UnknownToken), content => content);
        adds = (settings.AddBegin ?? true, settings.AddEnd ?? false);
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="EdgeModelException">PB6110: it is damaged.</exception>
    public static SentencePieceModel Load(string path, TokenizerSettings settings)
    {
        using var stream = File.OpenRead(path);
        try
        {
            var model = SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false);
            return new(model, settings, Added(model, settings));
        }
        // The library has no exception of its own for what it cannot read.
        catch (Exception exception) when (exception is not (OutOfMemoryException or EdgeModelException))
        {
            throw new EdgeModelException(EdgeModelException.TokenizerInvalid, $"{path}: it cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>What the settings add, and the tokens of the vocabulary that steer.</summary>
    private static List<AddedToken> Added(SentencePieceTokenizer model, TokenizerSettings settings)
    {
        string?[] controls = [model.BeginningOfSentenceToken, model.EndOfSentenceToken, model.UnknownToken];
        return [.. controls.OfType<string>().Where(token => model.Vocabulary.ContainsKey(token) && !settings.AddedTokens.ContainsKey(token))
            .Select(token => (Token: token, Id: model.Vocabulary[token], IsSpecial: true))
            .Concat(settings.AddedTokens.Select(entry => (Token: entry.Key, entry.Value.Id, entry.Value.IsSpecial)))
            .Select(token => new AddedToken(token.Id, token.Token, token.IsSpecial, Normalized: false, SingleWord: false, StripsLeft: false, StripsRight: false))];
    }

    private protected override void Encode(string text, bool addSpecialTokens, List<int> result)
    {
        if (addSpecialTokens && adds.Begin && model.BeginningOfSentenceId >= 0)
            result.Add(model.BeginningOfSentenceId);
        foreach (var (start, end, token) in added.Split(text))
        {
            if (token is null)
                result.AddRange(model.EncodeToIds(text.AsSpan(start, end - start), addBeginningOfSentence: false, addEndOfSentence: false));
            else
                result.Add(token.Id);
        }
        if (addSpecialTokens && adds.End && model.EndOfSentenceId >= 0)
            result.Add(model.EndOfSentenceId);
    }
}
