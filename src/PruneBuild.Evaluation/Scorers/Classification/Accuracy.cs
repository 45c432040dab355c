namespace PruneBuild.Evaluation.Scorers;

/// <summary>The share of right answers.</summary>
public sealed class Accuracy() : CaseScorer<ClassificationCase>("accuracy", ScoreRange.Unit, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override Score Measure(ClassificationCase input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Label < 0 ? Score.NotMeasured("there is no label") : Score.Of(input.Answer == input.Label);
    }
}
