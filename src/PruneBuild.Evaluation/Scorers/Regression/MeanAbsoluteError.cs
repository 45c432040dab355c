namespace PruneBuild.Evaluation.Scorers;

/// <summary>The mean distance of prediction and target, in their unit.</summary>
public sealed class MeanAbsoluteError() : CaseScorer<RegressionCase>("mae", ScoreRange.NonNegative, ScoreDirection.Lower)
{
    /// <inheritdoc/>
    public override Score Measure(RegressionCase input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Score.Of(Math.Abs(input.Prediction - input.Target));
    }
}
