namespace PruneBuild.Runtime.Text;

/// <summary>The parts of a <c>tokenizer.json</c> in the order in which a text passes them.</summary>
internal sealed class JsonTokenizer : TextTokenizer
{
    private readonly ITokenModel model;
    private readonly AddedTokens verbatim;
    private readonly AddedTokens normalized;
    private readonly Normalizer? normalizer;
    private readonly Splitter? splitter;
    private readonly IReadOnlyList<int> before;
    private readonly IReadOnlyList<int> behind;

    public JsonTokenizer(
        TokenizerSettings settings, TokenTable table, ITokenModel model, IReadOnlyList<AddedToken> added,
        Normalizer? normalizer, Splitter? splitter, (IReadOnlyList<int> Before, IReadOnlyList<int> Behind) framing)
        : base(settings, table)
    {
        (this.model, this.normalizer, this.splitter, (before, behind)) = (model, normalizer, splitter, framing);
        verbatim = new AddedTokens(added.Where(token => !token.Normalized), content => content);
        normalized = new AddedTokens(added.Where(token => token.Normalized), Normalize);
    }

    private protected override void Encode(string text, bool addSpecialTokens, List<int> result)
    {
        var encode = model.CreateEncoder();
        if (addSpecialTokens)
            result.AddRange(before);
        foreach (var (start, end, token) in verbatim.Split(text))
        {
            if (token is not null)
                result.Add(token.Id);
            else
                EncodePart(text[start..end], start == 0, encode, result);
        }
        if (addSpecialTokens)
            result.AddRange(behind);
    }

    private void EncodePart(string part, bool startsText, PieceEncoder encode, List<int> result)
    {
        var text = Normalize(part);
        foreach (var (start, end, token) in normalized.Split(text))
        {
            if (token is not null)
            {
                result.Add(token.Id);
                continue;
            }
            foreach (var piece in splitter?.Split(text[start..end], startsText && start == 0) ?? [text[start..end]])
                encode(piece, result);
        }
    }

    private string Normalize(string text) => normalizer?.Apply(text) ?? text;
}
