namespace PruneBuild.Graph.Segmentation;

/// <summary>Consecutive segments that together compute all targets.</summary>
/// <param name="Segments">In the order to run them.</param>
/// <param name="SpooledBytes">What waits on disk between them for one batch, summed over the cuts; model inputs not counted.</param>
/// <param name="PeakBytes">The most that a segment needs.</param>
/// <param name="Reason">Why that is more than the budget, or null.</param>
public sealed record SegmentPlan(IReadOnlyList<PlannedSegment> Segments, long SpooledBytes, long PeakBytes, string? Reason);

/// <summary>One of the segments.</summary>
/// <param name="Targets">The targets it computes.</param>
/// <param name="Carried">The values that later segments need, made here or before; model inputs are not among them.</param>
/// <param name="Bytes">Its weights, its activations of one batch, and what its targets need besides.</param>
public sealed record PlannedSegment(IReadOnlyList<string> Targets, IReadOnlyList<string> Carried, long Bytes);
