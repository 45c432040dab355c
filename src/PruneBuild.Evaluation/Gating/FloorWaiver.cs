namespace PruneBuild.Evaluation;

/// <summary>Why a missed floor is accepted, and for how long.</summary>
/// <param name="Until">Last day, as 2026-12-31.</param>
/// <param name="Reason">Why.</param>
public sealed record FloorWaiver(string Until, string Reason);
