using Newtonsoft.Json;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Profiles;

namespace PruneBuild.Evaluation.Performance;

/// <summary>What is known about speed and memory of a candidate and its parent on one RID under one profile.</summary>
/// <param name="Rid">RID of the machine that measured.</param>
/// <param name="Profile">Name of the resource profile.</param>
/// <param name="State">What the figures say about the target.</param>
/// <param name="Reason">Why there is no figure, or where it comes from; null when there is nothing to add.</param>
public sealed record PerformanceRecord(string Rid, string Profile, MeasurementState State, string? Reason = null)
{
    /// <summary>Limits of the profile as text: figures under other limits are others.</summary>
    public string ProfileLimits { get; init; } = "";

    /// <summary>The machine.</summary>
    public string Machine { get; init; } = "";

    /// <summary>SHA-256 of the candidate's model files, as in its manifest.</summary>
    public string Artifact { get; init; } = "";

    /// <summary>Hash of the inputs that were timed.</summary>
    public string Inputs { get; init; } = "";

    /// <summary>Day of the measurement, as 2026-12-31.</summary>
    public string Date { get; init; } = "";

    /// <summary>Last day on which an imported record counts; null for one that was measured here.</summary>
    [JsonIgnore]
    public string? ValidUntil { get; init; }

    /// <summary>The case of each block.</summary>
    public int[] Blocks { get; init; } = [];

    /// <summary>The dense parent's figures.</summary>
    public ModelFigures Parent { get; init; } = new();

    /// <summary>The candidate's.</summary>
    public ModelFigures Candidate { get; init; } = new();

    /// <summary>Whether the limits of the profile held.</summary>
    public IReadOnlyList<EmulatedLimit> Limits { get; init; } = [];

    /// <summary>The limits that did not.</summary>
    [JsonIgnore]
    public IReadOnlyList<EmulatedLimit> NotEmulated => [.. Limits.Where(limit => !limit.Emulated)];

    /// <summary>No figures.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="rid">The target.</param>
    /// <param name="reason">Why, as the end of a sentence.</param>
    public static PerformanceRecord NotMeasured(ResourceProfile profile, string rid, string reason)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return new PerformanceRecord(rid, profile.Name, MeasurementState.NotMeasured, reason) { ProfileLimits = profile.Limits };
    }

    /// <summary>Latency of candidate against parent; null unless both ran.</summary>
    /// <param name="options">Confidence and the spread that is allowed.</param>
    /// <param name="cache">Keeps the resamples; null draws them anew.</param>
    public LatencyComparison? Compare(LatencyOptions options, IEvaluationCache? cache = null) =>
        Blocks.Length >= 2 && Parent.Failure is null && Candidate.Failure is null ? LatencyComparison.Of(Parent.Seconds, Candidate.Seconds, options, cache) : null;
}

/// <summary>The records that one machine took of one candidate, as a file that travels: it is sealed by a hash over all of it.</summary>
/// <param name="Records">One for each profile.</param>
public sealed record PerformanceFile(IReadOnlyList<PerformanceRecord> Records)
{
    private const int CurrentVersion = 1;

    /// <summary>Format version.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Writes the file as a whole.</summary>
    public void Save(string path) => SealedJson.Save(path, this);

    /// <summary>Reads what a device wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="PruneBuildException">PB1010 no JSON; PB5042 changed after it was written, of another version, or no measurement.</exception>
    public static PerformanceFile Load(string path)
    {
        PruneBuildException Unusable(string reason) => new PruneBuildException("PB5042", Path.GetFileName(path), reason).At(path, 1, 1);

        try
        {
            var file = SealedJson.Load<PerformanceFile>(path) ?? throw Unusable("it was changed after it was written");
            if (file.Version != CurrentVersion) throw Unusable($"version {CurrentVersion} is expected");
            if (file.Records is not { Count: > 0 } || file.Records.Any(record => record.State != MeasurementState.Measured)) throw Unusable("nothing was measured there");
            return file;
        }
        catch (JsonException exception)
        {
            throw new PruneBuildException(Unusable(exception.Message).Diagnostic, exception);
        }
    }
}
