namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// The mean over a case's positions of the Kullback-Leibler divergence D(parent ‖ candidate), in nats. The sample's value is the mean
/// over cases, whatever their length, since cases are what is independent.
/// </summary>
public sealed class MeanDivergence() : CaseScorer<LogitPair>("fidelity.kld.mean", ScoreRange.NonNegative, ScoreDirection.Lower)
{
    /// <inheritdoc/>
    public override Score Measure(LogitPair input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Problem() is { } problem ? Score.NotMeasured(problem) : Score.Of(input.Divergences().Average());
    }
}
