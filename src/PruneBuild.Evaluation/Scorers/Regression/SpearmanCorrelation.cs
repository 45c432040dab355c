namespace PruneBuild.Evaluation.Scorers;

/// <summary>Spearman's rank correlation of target and prediction, ties with their mean rank; none when either is constant.</summary>
public sealed class SpearmanCorrelation() : SampleScorer<RegressionCase>("spearman", ScoreRange.Correlation, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<RegressionCase> cases) => RegressionCase.Prepare(cases, Correlation.Spearman);
}
