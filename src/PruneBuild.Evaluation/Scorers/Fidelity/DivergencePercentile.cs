namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// The 99th percentile, by nearest rank, of the Kullback-Leibler divergence D(parent ‖ candidate) over all positions of the sample,
/// in nats: damage to rare tokens that the mean does not show.
/// </summary>
public sealed class DivergencePercentile() : SampleScorer<LogitPair>("fidelity.kld.p99", ScoreRange.NonNegative, ScoreDirection.Lower)
{
    private const int Permille = 990;

    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<LogitPair> cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        var divergences = new double[cases.Count][];
        for (var i = 0; i < cases.Count; i++)
        {
            if (cases[i].Problem() is { } problem) return PreparedSample.NotMeasured(cases.Count, $"case {i}: {problem}");
            divergences[i] = cases[i].Divergences();
        }
        return new PreparedSample(cases.Count, indices =>
        {
            var drawn = new List<double>();
            foreach (var i in indices) drawn.AddRange(divergences[i]);
            return Score.Of(NearestRank.Of([.. drawn], Permille));
        });
    }
}
