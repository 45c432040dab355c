namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// R² = 1 − Σ(target − prediction)² / Σ(target − mean target)²: 1 is perfect, 0 is what the mean target alone would give, and it has
/// no lower end. Targets that are all the same have none.
/// </summary>
public sealed class CoefficientOfDetermination()
    : SampleScorer<RegressionCase>("r2", new ScoreRange(double.NegativeInfinity, 1), ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<RegressionCase> cases) => RegressionCase.Prepare(cases, (targets, predictions) =>
    {
        if (NumberPairs.IsConstant(targets)) return Score.NotMeasured("every target is the same");
        var mean = targets.Average();
        var residual = targets.Zip(predictions, (target, prediction) => (target - prediction) * (target - prediction)).Sum();
        return Score.Of(1 - (residual / targets.Sum(target => (target - mean) * (target - mean))));
    });
}
