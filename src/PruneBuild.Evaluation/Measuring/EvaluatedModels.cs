using PruneBuild.Evaluation.Judging;

namespace PruneBuild.Evaluation;

/// <summary>What was learned of parent and candidate by running them.</summary>
/// <param name="Parent">The dense parent's outputs.</param>
/// <param name="Candidate">The candidate's.</param>
public sealed record EvaluatedModels(ModelOutputs Parent, ModelOutputs Candidate)
{
    /// <summary>What both wrote; null for a task in which they do not.</summary>
    public (WrittenTexts Parent, WrittenTexts Candidate)? Texts { get; init; }

    /// <summary>Asks a judge about both; asked only when something is made of it. Null where nobody can be asked.</summary>
    public Func<HarnessJudge, JudgedModels>? Judges { get; init; }

    /// <summary>Bytes of parent and candidate; null when nobody knows.</summary>
    public (long Parent, long Candidate)? Bytes { get; init; }

    /// <summary>How long both took; asked only when something is made of it.</summary>
    public Func<CaseTimes> Times { get; init; } = () => CaseTimes.NotMeasured("nothing was timed");
}

/// <summary>Milliseconds that parent and candidate took for cases, one at a time.</summary>
/// <param name="Parent">One a case; NaN for a case that was not timed.</param>
/// <param name="Candidate">The same.</param>
/// <param name="Reason">Why nothing was timed; null when something was.</param>
public sealed record CaseTimes(double[] Parent, double[] Candidate, string? Reason)
{
    /// <summary>No times.</summary>
    /// <param name="reason">Why, as the end of a sentence.</param>
    public static CaseTimes NotMeasured(string reason) => new([], [], reason);
}
