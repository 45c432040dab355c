namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// One over the rank of a query's first relevant document, 0 when none was found; the mean over queries is MRR. E. M. Voorhees,
/// "The TREC-8 question answering track report", 1999.
/// </summary>
public sealed class ReciprocalRank() : CaseScorer<RetrievalCase>("mrr", ScoreRange.Unit, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override Score Measure(RetrievalCase input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Problem() is { } problem) return Score.NotMeasured(problem);
        for (var rank = 0; rank < input.Ranked.Count; rank++)
        {
            if (input.RelevanceAt(rank) > 0) return Score.Of(1.0 / (rank + 1));
        }
        return Score.Of(0.0);
    }
}
