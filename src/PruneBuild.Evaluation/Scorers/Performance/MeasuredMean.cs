namespace PruneBuild.Evaluation.Scorers;

/// <summary>The mean of measured numbers, in their unit.</summary>
public sealed class MeasuredMean() : CaseScorer<double>("mean", ScoreRange.Any, ScoreDirection.Lower)
{
    /// <inheritdoc/>
    public override Score Measure(double input) => Score.Of(input);
}
