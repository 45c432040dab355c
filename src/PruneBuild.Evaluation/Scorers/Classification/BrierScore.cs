namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// Half the squared distance of the probabilities from the truth: the usual Brier score of two classes, in the same range for any
/// number. G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78 (1950) 1-3, has
/// twice this number.
/// </summary>
public sealed class BrierScore() : CaseScorer<ClassificationCase>("brier", ScoreRange.Unit, ScoreDirection.Lower)
{
    /// <inheritdoc/>
    public override Score Measure(ClassificationCase input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Problem() is { } problem) return Score.NotMeasured(problem);
        var sum = 0.0;
        for (var i = 0; i < input.Probabilities!.Count; i++)
        {
            var distance = input.Probabilities[i] - (i == input.Label ? 1 : 0);
            sum += distance * distance;
        }
        return Score.Of(sum / 2);
    }
}
