namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// Words inserted, removed or replaced over the words of the references, summed over the sample. Words are what white space
/// separates, case and punctuation count. Above 1 when more is wrong than was said.
/// </summary>
public sealed class WordErrorRate() : SampleScorer<TextPair>("wer", ScoreRange.NonNegative, ScoreDirection.Lower)
{
    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<TextPair> cases) => ErrorRate.Prepare(
        cases,
        (output, reference) =>
        {
            var ids = new WordIds();
            return (ids.Of(Words(output)), ids.Of(Words(reference)));
        },
        Name);

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
