namespace PruneBuild.Evaluation.Scorers;

/// <summary>1 when output and a reference are the same after SQuAD normalization (case, ASCII punctuation, English articles, spaces).</summary>
public sealed class ExactMatch() : CaseScorer<TextPair>("exact_match", ScoreRange.Unit, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override Score Measure(TextPair input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Best(
            (output, reference) => SquadText.Words(output).AsSpan().SequenceEqual(SquadText.Words(reference)) ? 1 : 0,
            "there is no reference");
    }
}
