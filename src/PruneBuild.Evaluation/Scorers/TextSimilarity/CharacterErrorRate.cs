namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// Characters (code points) inserted, removed or replaced over those of the references, summed over the sample. White space inside
/// counts, at the ends it does not.
/// </summary>
public sealed class CharacterErrorRate() : SampleScorer<TextPair>("cer", ScoreRange.NonNegative, ScoreDirection.Lower)
{
    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<TextPair> cases) =>
        ErrorRate.Prepare(cases, (output, reference) => (Characters(output), Characters(reference)), Name);

    private static uint[] Characters(string text) => [.. text.Trim().EnumerateRunes().Select(rune => (uint)rune.Value)];
}
