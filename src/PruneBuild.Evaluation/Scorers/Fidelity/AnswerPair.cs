namespace PruneBuild.Evaluation.Scorers;

/// <summary>What the dense parent and a candidate answered to the same case.</summary>
/// <param name="Label">Right class.</param>
/// <param name="Parent">The parent's class, or <see cref="Predictions.NotFinite"/>.</param>
/// <param name="Candidate">The candidate's class, or <see cref="Predictions.NotFinite"/>.</param>
public sealed record AnswerPair(int Label, int Parent, int Candidate);
