namespace PruneBuild.Evaluation.Scorers;

/// <summary>The negative log₂-likelihood of a document over its bytes in UTF-8, which compares models with different tokenizers.</summary>
public sealed class BitsPerByte() : SampleScorer<LanguageModelCase>("bits_per_byte", ScoreRange.NonNegative, ScoreDirection.Lower)
{
    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<LanguageModelCase> cases) =>
        LanguageModelCase.Prepare(cases, input => input.Bytes, nats => nats / Math.Log(2));
}
