namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// F1 of the longest common subsequence of words of output and reference, each text as one sentence. C.-Y. Lin, "ROUGE: a package
/// for automatic evaluation of summaries", ACL workshop 2004; the best reference counts.
/// </summary>
public sealed class RougeL() : CaseScorer<TextPair>("rougeL", ScoreRange.Unit, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override Score Measure(TextPair input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Best(Of, "no reference has words");
    }

    private double? Of(string output, string reference)
    {
        var ids = new WordIds();
        var wanted = ids.Of(RougeText.Words(reference));
        var written = ids.Of(RougeText.Words(output));
        if (wanted.Length == 0) return null;
        return 2.0 * Alignment.LongestCommonSubsequence(written, wanted, Name) / (written.Length + wanted.Length);
    }
}
