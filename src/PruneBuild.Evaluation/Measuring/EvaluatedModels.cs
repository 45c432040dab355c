using PruneBuild.Evaluation.Performance;

namespace PruneBuild.Evaluation;

/// <summary>What was learned of parent and candidate by running them.</summary>
/// <param name="Parent">The dense parent's outputs.</param>
/// <param name="Candidate">The candidate's.</param>
public sealed record EvaluatedModels(ModelOutputs Parent, ModelOutputs Candidate)
{
    /// <summary>Bytes of parent and candidate; null when nobody knows.</summary>
    public (long Parent, long Candidate)? Bytes { get; init; }

    /// <summary>What was measured under each profile of the harness, in its order; asked only when something is made of it.</summary>
    public Func<IReadOnlyList<PerformanceRecord>>? Performance { get; init; }
}
