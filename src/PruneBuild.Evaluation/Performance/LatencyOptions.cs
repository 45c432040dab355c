namespace PruneBuild.Evaluation.Performance;

/// <summary>How latency is measured.</summary>
public sealed record LatencyOptions
{
    /// <summary>Inferences of each session before any is timed.</summary>
    public int WarmUp { get; init; } = 5;

    /// <summary>Blocks of four inferences: parent, candidate, candidate, parent.</summary>
    public int Blocks { get; init; } = 50;

    /// <summary>One-sided confidence of each bound of the ratio.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Spread of a session's times, as share of their median, above which nothing is decided.</summary>
    public double MaxSpread { get; init; } = 0.10;
}
