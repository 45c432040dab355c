using PruneBuild.Evaluation;
using PruneBuild.Evaluation.Judging;

namespace PruneBuild.Pipeline;

/// <summary>The judges of a harness, each asked once about the texts of parent and candidate, and only if something depends on it.</summary>
/// <param name="context">The work.</param>
/// <param name="cases">The cases.</param>
/// <param name="texts">What parent and candidate wrote.</param>
internal sealed class JudgePanel(WorkContext context, CaseSet cases, (WrittenTexts Parent, WrittenTexts Candidate) texts)
{
    private const string Stage = "evaluate";
    private const int AtOnce = 4;

    private readonly Dictionary<string, JudgedModels> asked = new(StringComparer.Ordinal);

    /// <summary>What a judge says.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">As <see cref="JudgeEvaluation.OfAsync"/>; PB5044 the judge cannot be opened.</exception>
    public JudgedModels Ask(HarnessJudge judge)
    {
        if (asked.TryGetValue(judge.Name, out var known))
            return known;
        var store = new StoredJudgements(context.Request.StagesFolder, judge.Pin, context.Cancellation);
        using var opened = new OpenJudge(judge);
        var judged = JudgeEvaluation.OfAsync(judge, new KeptJudge(judge, () => opened.Judge, store), cases, texts, context.Today, AtOnce, context.Cancellation).GetAwaiter().GetResult();
        StoredJudgements.Trim(context.Request.StagesFolder);
        var statement = judged.Statement;
        context.Reporter.Progress(Stage, statement.Faults is [var fault, ..]
            ? $"judge '{judge.Name}' is not asked: {fault}"
            : FormattableString.Invariant($"judge '{judge.Name}': {statement.Asked} texts, {store.Added} judged anew, {statement.Errors} errors"));
        return asked[judge.Name] = judged;
    }
}
