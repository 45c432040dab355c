using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Judging;

/// <summary>A judge's answers to many questions, and what went wrong.</summary>
/// <param name="Key">Identity of the judge.</param>
/// <param name="Judgements">One answer a question, in order; null where there was an error, or none was asked for any more.</param>
/// <param name="Errors">The errors, in order of their questions.</param>
/// <param name="ErrorBudget">Share of questions that may end in one.</param>
public sealed record JudgeRun(string Key, IReadOnlyList<Judgement?> Judgements, IReadOnlyList<Diagnostic> Errors, double ErrorBudget)
{
    /// <summary>Whether so few questions ended in an error that the scores mean something.</summary>
    public bool IsUsable => Judgements.Count > 0 && Errors.Count <= ErrorBudget * Judgements.Count;

    /// <summary>Cases with text that seems to be meant for the judge.</summary>
    public int Suspicious => Judgements.Count(judgement => judgement?.Suspicion is not null);

    /// <summary>The score of every question.</summary>
    /// <param name="missing">That of one which ended in an error: 0, or 1 where the others are held against these.</param>
    /// <exception cref="PruneBuildException">The first error, when there were more than the budget allows; PB5044 when nothing was judged.</exception>
    public IReadOnlyList<double> Scores(double missing = 0)
    {
        if (!IsUsable) throw Errors.Count > 0 ? new PruneBuildException(Errors[0]) : new PruneBuildException("PB5044", "*", "nothing was judged");
        return [.. Judgements.Select(judgement => judgement?.Label.Score ?? missing)];
    }

    /// <summary>Asks the questions. When more end in an error than the budget allows, the rest is not asked.</summary>
    /// <param name="judge">The judge.</param>
    /// <param name="questions">The questions.</param>
    /// <param name="errorBudget">Share of questions that may end in an error.</param>
    /// <param name="atOnce">Questions under way at the same time; the answers do not depend on it.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<JudgeRun> OfAsync(
        IJudge judge, IEnumerable<JudgeQuestion> questions, double errorBudget, int atOnce = 1, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(judge);
        ArgumentNullException.ThrowIfNull(questions);
        JudgeQuestion[] all = [.. questions];
        var (judgements, errors) = (new Judgement?[all.Length], new Diagnostic?[all.Length]);
        var failed = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, all.Length), options, async (index, token) =>
        {
            if (Volatile.Read(ref failed) > errorBudget * all.Length) return;
            try
            {
                judgements[index] = await judge.JudgeAsync(all[index], token).ConfigureAwait(false);
            }
            catch (PruneBuildException exception)
            {
                errors[index] = exception.Diagnostic;
                Interlocked.Increment(ref failed);
            }
        }).ConfigureAwait(false);
        return new JudgeRun(judge.Key, judgements, [.. errors.OfType<Diagnostic>()], errorBudget);
    }
}
