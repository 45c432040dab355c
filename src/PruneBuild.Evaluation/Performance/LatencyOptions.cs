namespace PruneBuild.Evaluation.Performance;

/// <summary>How latency is measured.</summary>
public sealed record LatencyOptions
{
    /// <summary>Inferences of each model before any is timed, at least.</summary>
    public int WarmUp { get; init; } = 5;

    /// <summary>The warm-up goes on for so long, or for twenty times <see cref="WarmUp"/>: code that is compiled while it runs becomes fast late.</summary>
    public double WarmUpSeconds { get; init; } = 0.5;

    /// <summary>Blocks of four inferences: parent, candidate, candidate, parent.</summary>
    public int Blocks { get; init; } = 100;

    /// <summary>No further block starts after so much measured time, once a few are done.</summary>
    public double Seconds { get; init; } = 30;

    /// <summary>How often each model is loaded.</summary>
    public int Loads { get; init; } = 5;

    /// <summary>One-sided confidence of each bound of the ratio.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Spread of a model's times on the same input, as share of their mean, above which nothing is decided.</summary>
    public double MaxSpread { get; init; } = 0.10;
}
