namespace PruneBuild.Evaluation.Scorers;

/// <summary>One bar of a reliability diagram.</summary>
/// <param name="Low">Confidences above this; the first bin has 0 too.</param>
/// <param name="High">Confidences up to this.</param>
/// <param name="Cases">Cases in the bin.</param>
/// <param name="Confidence">Their mean confidence; null without cases.</param>
/// <param name="Accuracy">The share that is right; null without cases.</param>
public sealed record ReliabilityBin(double Low, double High, int Cases, double? Confidence, double? Accuracy);
