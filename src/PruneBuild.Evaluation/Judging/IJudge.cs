using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Judging;

/// <summary>Something that says how good an output is where no rule can.</summary>
public interface IJudge
{
    /// <summary>Identity of everything that may change an answer.</summary>
    string Key { get; }

    /// <summary>Judges one output.</summary>
    /// <param name="question">The case and the output.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="PruneBuildException">PB5043 the answer is not one of the labels, PB5044 there is no answer.</exception>
    Task<Judgement> JudgeAsync(JudgeQuestion question, CancellationToken cancellation);
}

/// <summary>What a judge is asked about.</summary>
/// <param name="CaseId">Id of the case, for messages.</param>
/// <param name="Input">What the model was asked.</param>
/// <param name="Output">What it answered.</param>
public sealed record JudgeQuestion(string CaseId, string Input, string Output);

/// <summary>What a judge answered.</summary>
/// <param name="Label">One of its labels.</param>
/// <param name="Suspicion">What in the case looks as if it were meant for the judge, or null. Such cases deserve a look by a person.</param>
public sealed record Judgement(JudgeLabel Label, string? Suspicion = null);
