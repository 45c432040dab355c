namespace PruneBuild.Evaluation.Scorers;

/// <summary>Pearson's r of target and prediction; none when either is constant.</summary>
public sealed class PearsonCorrelation() : SampleScorer<RegressionCase>("pearson", ScoreRange.Correlation, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<RegressionCase> cases) => RegressionCase.Prepare(cases, Correlation.Pearson);
}
