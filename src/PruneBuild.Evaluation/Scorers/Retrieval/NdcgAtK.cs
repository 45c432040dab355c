namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// Normalized discounted cumulative gain of the first k documents: Σ relevance / log₂(rank + 1), over what the best order would give.
/// The gain is the relevance itself, as in trec_eval, not 2^relevance − 1; for relevances of 0 and 1 both are the same. K. Järvelin,
/// J. Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20 (2002) 422-446.
/// </summary>
/// <param name="k">1 or more.</param>
public sealed class NdcgAtK(int k) : CaseScorer<RetrievalCase>($"ndcg@{k}", ScoreRange.Unit, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override Score Measure(RetrievalCase input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Problem() is { } problem) return Score.NotMeasured(problem);
        var found = Gain(Enumerable.Range(0, Math.Min(k, input.Ranked.Count)).Select(input.RelevanceAt));
        return Score.Of(found / Gain(input.Relevance.Values.OrderDescending().Take(k)));
    }

    private static double Gain(IEnumerable<double> relevances) =>
        relevances.Select((relevance, rank) => relevance / Math.Log2(rank + 2)).Sum();
}
