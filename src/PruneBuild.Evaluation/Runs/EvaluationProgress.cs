namespace PruneBuild.Evaluation;

/// <summary>How far an evaluation is.</summary>
/// <param name="Done">Cases answered.</param>
/// <param name="Total">All cases.</param>
public sealed record EvaluationProgress(int Done, int Total);
