using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Judging;

/// <summary>A judge's answers to many questions, and what went wrong.</summary>
/// <param name="Key">Identity of the judge.</param>
/// <param name="Judgements">One answer a question, in order; null where there was an error.</param>
/// <param name="Errors">The errors, in order of their questions.</param>
/// <param name="ErrorBudget">Share of questions that may end in one.</param>
public sealed record JudgeRun(string Key, IReadOnlyList<Judgement?> Judgements, IReadOnlyList<Diagnostic> Errors, double ErrorBudget)
{
    /// <summary>Whether so few questions ended in an error that the scores mean something.</summary>
    public bool IsUsable => Judgements.Count > 0 && Errors.Count <= ErrorBudget * Judgements.Count;

    /// <summary>Cases with text that seems to be meant for the judge.</summary>
    public int Suspicious => Judgements.Count(judgement => judgement?.Suspicion is not null);

    /// <summary>The score of every question. One that ended in an error has 0: an error is never green.</summary>
    /// <exception cref="PruneBuildException">PB5044 the first error, when there were more than the budget allows.</exception>
    public IReadOnlyList<double> Scores()
    {
        if (!IsUsable) throw Errors.Count > 0 ? new PruneBuildException(Errors[0]) : new PruneBuildException("PB5044", "*", "nothing was judged");
        return [.. Judgements.Select(judgement => judgement?.Label.Score ?? 0)];
    }

    /// <summary>Asks one question after the other.</summary>
    /// <param name="judge">The judge.</param>
    /// <param name="questions">The questions.</param>
    /// <param name="errorBudget">Share of questions that may end in an error.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<JudgeRun> OfAsync(IJudge judge, IEnumerable<JudgeQuestion> questions, double errorBudget, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(judge);
        ArgumentNullException.ThrowIfNull(questions);
        var (judgements, errors) = (new List<Judgement?>(), new List<Diagnostic>());
        foreach (var question in questions)
        {
            try
            {
                judgements.Add(await judge.JudgeAsync(question, cancellation).ConfigureAwait(false));
            }
            catch (PruneBuildException exception)
            {
                judgements.Add(null);
                errors.Add(exception.Diagnostic);
            }
        }
        return new JudgeRun(judge.Key, judgements, errors, errorBudget);
    }
}
