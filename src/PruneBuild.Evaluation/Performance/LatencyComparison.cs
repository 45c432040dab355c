using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Performance;

/// <summary>
/// Times of a candidate against its parent, interleaved in one job (ABBA blocks), so that what slows the machine slows both and a steady
/// drift cancels inside of a block.
/// </summary>
/// <param name="Parent">Times of the dense parent.</param>
/// <param name="Candidate">Times of the candidate.</param>
/// <param name="Ratio">Median of the candidate / median of the parent; below 1 the candidate is faster.</param>
/// <param name="RatioLower">One-sided lower bound of the ratio, by a bootstrap of the blocks with a fixed seed.</param>
/// <param name="RatioUpper">One-sided upper bound of the ratio.</param>
/// <param name="Confidence">Confidence of each bound.</param>
/// <param name="Instability">Why nothing can be decided, with the figures; null when the times are steady.</param>
/// <param name="ParentSeconds">Every timed inference of the parent, in order.</param>
/// <param name="CandidateSeconds">Every timed inference of the candidate, in order.</param>
public sealed record LatencyComparison(
    LatencySummary Parent,
    LatencySummary Candidate,
    double Ratio,
    double RatioLower,
    double RatioUpper,
    double Confidence,
    string? Instability,
    IReadOnlyList<double> ParentSeconds,
    IReadOnlyList<double> CandidateSeconds)
{
    private const int PerBlock = 2;
    private const int FewestBlocks = 2;

    /// <summary>Whether the machine was steady enough to decide anything.</summary>
    public bool IsStable => Instability is null;

    /// <summary>Warms both sessions up and times them in turn. The caller holds the <see cref="MeasurementLock"/>.</summary>
    /// <param name="runParent">One inference of the parent.</param>
    /// <param name="runCandidate">One inference of the candidate on the same input.</param>
    /// <param name="options">How often.</param>
    /// <param name="clock">What measures time; the system's without it.</param>
    /// <param name="cancellation">Ends it between two inferences.</param>
    public static LatencyComparison Measure(
        Action runParent, Action runCandidate, LatencyOptions? options = null, TimeProvider? clock = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(runParent);
        ArgumentNullException.ThrowIfNull(runCandidate);
        options ??= new LatencyOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Blocks, FewestBlocks);
        clock ??= TimeProvider.System;
        double Time(Action run)
        {
            cancellation.ThrowIfCancellationRequested();
            var start = clock.GetTimestamp();
            run();
            return clock.GetElapsedTime(start).TotalSeconds;
        }
        for (var i = 0; i < options.WarmUp; i++)
        {
            Time(runParent);
            Time(runCandidate);
        }
        var (parent, candidate) = (new double[options.Blocks * PerBlock], new double[options.Blocks * PerBlock]);
        for (var block = 0; block < options.Blocks; block++)
        {
            parent[block * PerBlock] = Time(runParent);
            candidate[block * PerBlock] = Time(runCandidate);
            candidate[(block * PerBlock) + 1] = Time(runCandidate);
            parent[(block * PerBlock) + 1] = Time(runParent);
        }
        return Of(parent, candidate, options);
    }

    /// <summary>Compares times that were taken in such blocks.</summary>
    internal static LatencyComparison Of(double[] parent, double[] candidate, LatencyOptions options)
    {
        int[][] blocks = [.. Enumerable.Range(0, parent.Length / PerBlock).Select(block => Enumerable.Range(block * PerBlock, PerBlock).ToArray())];
        var buffer = new double[parent.Length];
        double MedianOf(double[] seconds, ReadOnlySpan<int> drawn)
        {
            for (var i = 0; i < drawn.Length; i++) buffer[i] = seconds[drawn[i]];
            return Median.Of(buffer.AsSpan(0, drawn.Length));
        }
        double RatioOf(ReadOnlySpan<int> drawn) => MedianOf(parent, drawn) is var median and > 0 ? MedianOf(candidate, drawn) / median : double.NaN;

        var lower = PairedBootstrap.Of(blocks, RatioOf);
        var upper = PairedBootstrap.Of(blocks, drawn => -RatioOf(drawn));
        var (parentTimes, candidateTimes) = (LatencySummary.Of(parent), LatencySummary.Of(candidate));
        return new LatencyComparison(
            parentTimes, candidateTimes, lower.Estimate, lower.LowerBound(options.Confidence), -upper.LowerBound(options.Confidence), options.Confidence,
            InstabilityOf(parentTimes, candidateTimes, options), parent, candidate);
    }

    private static string? InstabilityOf(LatencySummary parent, LatencySummary candidate, LatencyOptions options)
    {
        if (parent.MedianSeconds <= 0 || candidate.MedianSeconds <= 0) return "an inference took no time that the clock could tell";
        if (parent.Spread <= options.MaxSpread && candidate.Spread <= options.MaxSpread) return null;
        return FormattableString.Invariant(
            $"the times spread by {parent.Spread * 100:F1} % (parent) and {candidate.Spread * 100:F1} % (candidate) of their median, more than {options.MaxSpread * 100:F0} %");
    }
}
