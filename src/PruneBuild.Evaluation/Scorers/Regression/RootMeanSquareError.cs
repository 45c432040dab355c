namespace PruneBuild.Evaluation.Scorers;

/// <summary>The root of the mean squared distance of prediction and target, in their unit.</summary>
public sealed class RootMeanSquareError() : SampleScorer<RegressionCase>("rmse", ScoreRange.NonNegative, ScoreDirection.Lower)
{
    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<RegressionCase> cases) => RegressionCase.Prepare(cases, (targets, predictions) =>
        Score.Of(Math.Sqrt(targets.Zip(predictions, (target, prediction) => (prediction - target) * (prediction - target)).Average())));
}
