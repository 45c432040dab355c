namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// exp of the mean negative log-likelihood of a token. It depends on the tokenizer, the window and the stride, which its signature
/// names; between tokenizers compare <see cref="BitsPerByte"/>.
/// </summary>
public sealed class Perplexity() : SampleScorer<LanguageModelCase>("perplexity", new ScoreRange(1, double.PositiveInfinity), ScoreDirection.Lower)
{
    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<LanguageModelCase> cases) =>
        LanguageModelCase.Prepare(cases, input => input.Tokens, Math.Exp);
}
