namespace PruneBuild.Evaluation.Judging;

/// <summary>A judge that is asked anew each time, so that its wavering shows.</summary>
/// <param name="judge">Its entry in the harness.</param>
/// <param name="open">Opens it.</param>
internal sealed class ForgetfulJudge(HarnessJudge judge, Func<IJudge> open) : IJudge
{
    public string Key => judge.Pin;

    public Task<Judgement> JudgeAsync(JudgeQuestion question, CancellationToken cancellation) =>
        new KeptJudge(judge, open, new JudgementMemory()).JudgeAsync(question, cancellation);
}
