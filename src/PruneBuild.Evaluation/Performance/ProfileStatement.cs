using PruneBuild.Evaluation.Profiles;

namespace PruneBuild.Evaluation.Performance;

/// <summary>What a verdict says of one resource profile.</summary>
/// <param name="Name">Its name; empty where the harness names none.</param>
/// <param name="State">What the figures say about the target.</param>
public sealed record ProfileStatement(string Name, MeasurementState State)
{
    /// <summary>Why there is no figure, or where it comes from; null when there is nothing to add.</summary>
    public string? Reason { get; init; }

    /// <summary>The machine that measured; null when none did.</summary>
    public string? Machine { get; init; }

    /// <summary>Day of the measurement.</summary>
    public string? Date { get; init; }

    /// <summary>Last day on which imported figures count; null for what was measured here.</summary>
    public string? ValidUntil { get; init; }

    /// <summary>Every limit of the profile, and whether it held.</summary>
    public IReadOnlyList<EmulatedLimit> Limits { get; init; } = [];

    /// <summary>Latency of candidate against parent; null unless both ran.</summary>
    public LatencyComparison? Latency { get; init; }

    /// <summary>The dense parent as a whole; null when it was not measured.</summary>
    public ModelStatement? Parent { get; init; }

    /// <summary>The candidate as a whole; null when it was not measured.</summary>
    public ModelStatement? Candidate { get; init; }

    /// <summary>What a record says.</summary>
    internal static ProfileStatement Of(PerformanceRecord record, LatencyComparison? latency) => new(record.Profile, record.State)
    {
        Reason = record.Reason,
        Machine = record.Machine.Length > 0 ? record.Machine : null,
        Date = record.Date.Length > 0 ? record.Date : null,
        ValidUntil = record.ValidUntil,
        Limits = record.Limits,
        Latency = latency,
        Parent = record.State == MeasurementState.NotMeasured ? null : ModelStatement.Of(record.Parent),
        Candidate = record.State == MeasurementState.NotMeasured ? null : ModelStatement.Of(record.Candidate),
    };
}

/// <summary>One model as a whole under a profile.</summary>
/// <param name="LoadSeconds">Median time to open a session; null when it did not.</param>
/// <param name="FirstSeconds">Median time of the first inference of a session.</param>
/// <param name="PeakResidentBytes">Largest resident memory of its process; null where the system does not say it.</param>
/// <param name="Failure">Why it does not run under the profile; null when it does.</param>
public sealed record ModelStatement(double? LoadSeconds, double? FirstSeconds, long? PeakResidentBytes, string? Failure)
{
    internal static ModelStatement Of(ModelFigures figures) => new(
        MedianOf(figures.LoadSeconds), MedianOf(figures.FirstSeconds), figures.PeakResidentBytes, figures.Failure);

    private static double? MedianOf(double[] seconds) => seconds.Length > 0 ? Median.Of([.. seconds]) : null;
}
