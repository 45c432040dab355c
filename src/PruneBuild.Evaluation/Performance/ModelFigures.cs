namespace PruneBuild.Evaluation.Performance;

/// <summary>What was measured of one model under a profile.</summary>
public sealed record ModelFigures
{
    /// <summary>Seconds of single inferences, two for each block; NaN where the model no longer ran.</summary>
    public double[] Seconds { get; init; } = [];

    /// <summary>Of a model that writes, seconds to the first token of each of <see cref="Seconds"/>; empty otherwise.</summary>
    public double[] FirstTokenSeconds { get; init; } = [];

    /// <summary>Of a model that writes, mean seconds of the tokens after the first; NaN of a text of one token. Empty otherwise.</summary>
    public double[] TokenSeconds { get; init; } = [];

    /// <summary>Seconds to open a session, each time; the first time finds cold files.</summary>
    public double[] LoadSeconds { get; init; } = [];

    /// <summary>Seconds of the first inference of each session.</summary>
    public double[] FirstSeconds { get; init; } = [];

    /// <summary>Largest resident memory of the process that ran the model, the runtime included; null where the system does not say it.</summary>
    public long? PeakResidentBytes { get; init; }

    /// <summary>Why the model does not run under the profile; null when it does.</summary>
    public string? Failure { get; init; }
}
