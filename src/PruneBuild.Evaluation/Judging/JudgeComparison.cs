using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Judging;

/// <summary>
/// A judge that is shown both texts of a case, in both orders (<see cref="PairwiseComparison"/>): 1 where it prefers the candidate's in both, 0 where
/// it prefers the parent's in both, one half where it has no preference, where that turns with the order, or where the texts are the same.
/// </summary>
/// <param name="Scores">The candidate's score of every case; NaN where the judge gave no answer.</param>
/// <param name="Compared">Cases with different texts and an answer.</param>
/// <param name="Turned">Of these, those whose preference turned with the order.</param>
/// <param name="Errors">What went wrong.</param>
internal sealed record JudgeComparison(double[] Scores, int Compared, int Turned, IReadOnlyList<Diagnostic> Errors)
{
    private const double Half = 0.5;

    /// <summary>Share of the compared cases whose preference did not turn with the order; 1 when there is none.</summary>
    public double SwapConsistency => Compared == 0 ? 1 : 1 - ((double)Turned / Compared);

    /// <summary>Asks about every case whose texts differ, twice.</summary>
    /// <exception cref="PruneBuildException">The first error, when there were more than the budget allows.</exception>
    public static async Task<JudgeComparison> OfAsync(
        IJudge judge, CaseSet cases, (WrittenTexts Parent, WrittenTexts Candidate) texts, double errorBudget, int atOnce, CancellationToken cancellation)
    {
        int[] different = [.. Enumerable.Range(0, cases.Count).Where(index => texts.Parent.Texts[index].Text != texts.Candidate.Texts[index].Text)];
        double[] scores = [.. Enumerable.Repeat(Half, cases.Count)];
        if (different.Length == 0) return new JudgeComparison(scores, 0, 0, []);
        JudgeQuestion Question(int index, WrittenTexts first, WrittenTexts second) => new(
            cases.Id(index), cases.Tasks[index].Writing!.Prompt.ToString(), first.Texts[index].Text + PairwiseComparison.Separator + second.Texts[index].Text);
        var straight = await JudgeRun.OfAsync(judge, different.Select(index => Question(index, texts.Parent, texts.Candidate)), errorBudget, atOnce, cancellation).ConfigureAwait(false);
        if (!straight.IsUsable) throw new PruneBuildException(straight.Errors[0]);
        var swapped = await JudgeRun.OfAsync(judge, different.Select(index => Question(index, texts.Candidate, texts.Parent)), errorBudget, atOnce, cancellation).ConfigureAwait(false);
        if (!swapped.IsUsable) throw new PruneBuildException(swapped.Errors[0]);
        var (compared, turned) = (0, 0);
        foreach (var (place, index) in different.Index())
        {
            var answers = (straight.Judgements[place]?.Label.Name, swapped.Judgements[place]?.Label.Name);
            scores[index] = answers switch
            {
                (null, _) or (_, null) => double.NaN,
                (PairwiseComparison.First, PairwiseComparison.Second) => 0,
                (PairwiseComparison.Second, PairwiseComparison.First) => 1,
                _ => Half,
            };
            if (!double.IsNaN(scores[index])) compared++;
            if (answers is (PairwiseComparison.First, PairwiseComparison.First) or (PairwiseComparison.Second, PairwiseComparison.Second)) turned++;
        }
        return new JudgeComparison(scores, compared, turned, [.. straight.Errors, .. swapped.Errors]);
    }
}
