namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// The mean negative natural logarithm of the label's probability (cross-entropy, in nats). A probability of 0 counts as 2⁻⁵², as in
/// scikit-learn, so that one case cannot make the mean infinite.
/// </summary>
public sealed class LogLoss() : CaseScorer<ClassificationCase>("log_loss", ScoreRange.NonNegative, ScoreDirection.Lower)
{
    private const double Smallest = 2.220446049250313e-16;

    /// <inheritdoc/>
    public override Score Measure(ClassificationCase input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Problem() is { } problem
            ? Score.NotMeasured(problem)
            : Score.Of(-Math.Log(Math.Max(input.Probabilities![input.Label], Smallest)));
    }
}
