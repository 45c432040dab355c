namespace PruneBuild.Evaluation.Scorers;

/// <summary>How much the dense parent and a candidate wrote for the same case.</summary>
/// <param name="Parent">Length of the parent's output, in tokens or in characters.</param>
/// <param name="Candidate">Length of the candidate's, in the same unit.</param>
public sealed record LengthPair(long Parent, long Candidate);
