using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Performance;

/// <summary>Times of a candidate against its parent, from <see cref="InterleavedRuns"/>.</summary>
/// <param name="Parent">Times of the dense parent.</param>
/// <param name="Candidate">Times of the candidate.</param>
/// <param name="Ratio">Median of the candidate / median of the parent; below 1 the candidate is faster.</param>
/// <param name="RatioLower">One-sided lower bound of the ratio, by a bootstrap of the blocks with a fixed seed.</param>
/// <param name="RatioUpper">One-sided upper bound of the ratio.</param>
/// <param name="Confidence">Confidence of each bound.</param>
/// <param name="Instability">Why nothing can be decided, with the figures; null when the times are steady.</param>
public sealed record LatencyComparison(
    LatencySummary Parent, LatencySummary Candidate, double Ratio, double RatioLower, double RatioUpper, double Confidence, string? Instability)
{
    /// <summary>Whether the machine was steady enough to decide anything.</summary>
    public bool IsStable => Instability is null;

    /// <summary>Compares times that were taken in blocks of two inferences each.</summary>
    /// <param name="parent">Seconds of the parent.</param>
    /// <param name="candidate">Seconds of the candidate, as many.</param>
    /// <param name="options">Confidence and the spread that is allowed.</param>
    /// <param name="cache">Keeps the resamples; null draws them anew.</param>
    public static LatencyComparison Of(double[] parent, double[] candidate, LatencyOptions options, IEvaluationCache? cache = null)
    {
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(options);
        int[][] blocks = [.. Enumerable.Range(0, parent.Length / InterleavedRuns.PerBlock)
            .Select(block => Enumerable.Range(block * InterleavedRuns.PerBlock, InterleavedRuns.PerBlock).ToArray())];
        var buffer = new double[parent.Length];
        double MedianOf(double[] seconds, ReadOnlySpan<int> drawn)
        {
            for (var i = 0; i < drawn.Length; i++) buffer[i] = seconds[drawn[i]];
            return Median.Of(buffer.AsSpan(0, drawn.Length));
        }
        double RatioOf(ReadOnlySpan<int> drawn) => MedianOf(parent, drawn) is var median and > 0 ? MedianOf(candidate, drawn) / median : double.NaN;

        cache ??= NoCache.Instance;
        var identity = $"latency|{MeasuredNumbers.Hash(parent, candidate)}";
        var lower = cache.Resamples($"{identity}/lower", () => PairedBootstrap.Of(blocks, RatioOf));
        var upper = cache.Resamples($"{identity}/upper", () => PairedBootstrap.Of(blocks, drawn => -RatioOf(drawn)));
        var (parentTimes, candidateTimes) = (LatencySummary.Of(parent), LatencySummary.Of(candidate));
        return new LatencyComparison(
            parentTimes, candidateTimes, lower.Estimate, lower.LowerBound(options.Confidence), -upper.LowerBound(options.Confidence), options.Confidence,
            InstabilityOf(parentTimes, candidateTimes, options));
    }

    private static string? InstabilityOf(LatencySummary parent, LatencySummary candidate, LatencyOptions options)
    {
        if (parent.MedianSeconds <= 0 || candidate.MedianSeconds <= 0) return "an inference took no time that the clock could tell";
        if (parent.Spread <= options.MaxSpread && candidate.Spread <= options.MaxSpread) return null;
        return FormattableString.Invariant(
            $"times on the same input spread by {parent.Spread * 100:F1} % (parent) and {candidate.Spread * 100:F1} % (candidate), more than {options.MaxSpread * 100:0.#} %");
    }
}
