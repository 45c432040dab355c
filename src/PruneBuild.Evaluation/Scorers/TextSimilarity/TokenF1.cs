namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// F1 of the words that output and reference share after SQuAD normalization. When one has no words it is 1 if both have none, as in
/// SQuAD 2.0.
/// </summary>
public sealed class TokenF1() : CaseScorer<TextPair>("token_f1", ScoreRange.Unit, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override Score Measure(TextPair input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Best((output, reference) => Of(SquadText.Words(output), SquadText.Words(reference)), "there is no reference");
    }

    private static double Of(string[] output, string[] reference)
    {
        if (output.Length == 0 || reference.Length == 0) return output.Length == reference.Length ? 1 : 0;
        var ids = new WordIds();
        var shared = NgramCounts.Of(ids.Of(output), 1, 32).Overlap(NgramCounts.Of(ids.Of(reference), 1, 32));
        return 2.0 * shared / (output.Length + reference.Length);
    }
}
