using System.Security.Cryptography;
using System.Text;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Judging;

/// <summary>
/// A judge that is not asked the same thing twice, and whose label of a text that talks to it counts for nothing unless its limits say so.
/// The judge itself is only opened when something is asked.
/// </summary>
/// <param name="judge">Its entry in the harness.</param>
/// <param name="open">Opens it.</param>
/// <param name="store">What it said before.</param>
public sealed class KeptJudge(HarnessJudge judge, Func<IJudge> open, IJudgementStore store) : IJudge
{
    private readonly Lazy<IJudge> _judge = new(open);

    /// <inheritdoc/>
    public string Key => judge.Pin;

    /// <inheritdoc/>
    /// <exception cref="PruneBuildException">PB5043, PB5044; PB5046 the text talks to the judge.</exception>
    public async Task<Judgement> JudgeAsync(JudgeQuestion question, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(question);
        var suspicion = InjectionSigns.Find(question);
        if (suspicion is not null && !judge.Spec.Limits.JudgesSuspicious) throw new PruneBuildException("PB5046", question.CaseId, suspicion);
        var key = KeyOf(question);
        if (store.Find(key) is { } known && judge.Spec.Find(known) is { } label) return new Judgement(label, suspicion);
        var judgement = await _judge.Value.JudgeAsync(question, cancellation).ConfigureAwait(false);
        store.Add(key, judgement.Label.Name);
        return judgement with { Suspicion = suspicion };
    }

    private string KeyOf(JudgeQuestion question) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{judge.Pin}\0{question.Input.Length}\0{question.Input}\0{question.Output}")));
}
