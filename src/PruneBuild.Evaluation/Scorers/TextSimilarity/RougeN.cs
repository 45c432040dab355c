namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// F1 of the n-grams of words that output and reference share. C.-Y. Lin, "ROUGE: a package for automatic evaluation of summaries",
/// ACL workshop 2004; the best reference counts.
/// </summary>
/// <param name="order">n, 1 or 2.</param>
public sealed class RougeN(int order) : CaseScorer<TextPair>($"rouge{order}", ScoreRange.Unit, ScoreDirection.Higher)
{
    private const int BitsPerWord = 32;

    /// <inheritdoc/>
    public override Score Measure(TextPair input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Best(Of, $"no reference has {order} words");
    }

    private double? Of(string output, string reference)
    {
        var ids = new WordIds();
        var wanted = NgramCounts.Of(ids.Of(RougeText.Words(reference)), order, BitsPerWord);
        if (wanted.Total == 0) return null;
        var written = NgramCounts.Of(ids.Of(RougeText.Words(output)), order, BitsPerWord);
        return 2.0 * written.Overlap(wanted) / (written.Total + wanted.Total);
    }
}
