using Newtonsoft.Json;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Profiles;

namespace PruneBuild.Evaluation.Performance;

/// <summary>What is known about speed and memory of a candidate on one RID under one profile. Figures that were not taken are null.</summary>
/// <param name="Rid">The target.</param>
/// <param name="Profile">Name of the resource profile.</param>
/// <param name="State">What the figures say about the target.</param>
/// <param name="Reason">Why there is no figure, or where it comes from; null when there is nothing to add.</param>
public sealed record PerformanceRecord(string Rid, string Profile, MeasurementState State, string? Reason = null)
{
    private const int CurrentVersion = 1;

    /// <summary>Format version.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Latency against the dense parent.</summary>
    public LatencyComparison? Latency { get; init; }

    /// <summary>Time until the first answer.</summary>
    public LoadTime? Load { get; init; }

    /// <summary>Largest resident memory in bytes.</summary>
    public long? PeakResidentBytes { get; init; }

    /// <summary>Whether the limits of the profile held.</summary>
    public IReadOnlyList<EmulatedLimit> Limits { get; init; } = [];

    /// <summary>Writes the record with a hash over all of it.</summary>
    public void Save(string path) => SealedJson.Save(path, this);

    /// <summary>Reads a record that a device wrote: what was measured there is <see cref="MeasurementState.Imported"/> here.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rid">The target that it must be of.</param>
    /// <exception cref="PruneBuildException">PB1010 no JSON; PB5042 changed after it was written, of another RID or version, or no record.</exception>
    public static PerformanceRecord Import(string path, string rid)
    {
        PruneBuildException Unusable(string reason) => new PruneBuildException("PB5042", Path.GetFileName(path), reason).At(path, 1, 1);

        try
        {
            var record = SealedJson.Load<PerformanceRecord>(path) ?? throw Unusable("it was changed after it was written");
            if (record.Version != CurrentVersion) throw Unusable($"version {CurrentVersion} is expected");
            if (record.Rid != rid) throw Unusable($"it is of {record.Rid}, not of {rid}");
            if (record.State != MeasurementState.Measured) throw Unusable("nothing was measured there");
            return record with { State = MeasurementState.Imported, Reason = $"imported from {Path.GetFileName(path)}" };
        }
        catch (JsonException exception)
        {
            throw new PruneBuildException(Unusable(exception.Message).Diagnostic, exception);
        }
    }
}
