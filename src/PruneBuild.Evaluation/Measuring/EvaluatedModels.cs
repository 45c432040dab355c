using PruneBuild.Evaluation.Judging;
using PruneBuild.Evaluation.Performance;

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

    /// <summary>What was measured under each profile of the harness, in its order; asked only when something is made of it.</summary>
    public Func<IReadOnlyList<PerformanceRecord>>? Performance { get; init; }
}
