namespace PruneBuild.Evaluation.Scorers;

/// <summary>The share of a query's relevant documents that are among the first k.</summary>
/// <param name="k">1 or more.</param>
public sealed class RecallAtK(int k) : CaseScorer<RetrievalCase>($"recall@{k}", ScoreRange.Unit, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override Score Measure(RetrievalCase input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Problem() is { } problem) return Score.NotMeasured(problem);
        var found = Enumerable.Range(0, Math.Min(k, input.Ranked.Count)).Count(rank => input.RelevanceAt(rank) > 0);
        return Score.Of((double)found / input.Relevant);
    }
}
