using PruneBuild.Evaluation.Performance;

namespace PruneBuild.Evaluation;

/// <summary>What is known under one resource profile.</summary>
/// <param name="Record">What was measured, and where.</param>
/// <param name="Measurements">What it says to the floors.</param>
/// <param name="Latency">Candidate against parent; null unless both ran.</param>
internal sealed record MeasuredProfile(PerformanceRecord Record, IReadOnlyList<Measurement> Measurements, LatencyComparison? Latency)
{
    /// <summary>Name of the profile; null where the harness names none.</summary>
    public string? Name => Record.Profile.Length > 0 ? Record.Profile : null;
}
