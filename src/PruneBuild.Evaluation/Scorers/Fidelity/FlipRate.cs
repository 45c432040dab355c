namespace PruneBuild.Evaluation.Scorers;

/// <summary>Which change of an answer counts.</summary>
public enum Flip
{
    /// <summary>The parent was right and the candidate is wrong.</summary>
    RightToWrong,

    /// <summary>The parent was wrong and the candidate is right.</summary>
    WrongToRight,

    /// <summary>The answer is another one, right or wrong.</summary>
    Any,
}

/// <summary>
/// The share of cases whose answer changed against the dense parent. Equal accuracy can hide it: as many answers may have become
/// right as wrong. A. Dutta et al., "Accuracy is not all you need", arXiv 2407.09141 (2024).
/// </summary>
/// <param name="flip">Which change counts.</param>
public sealed class FlipRate(Flip flip) : CaseScorer<AnswerPair>(
    flip switch { Flip.RightToWrong => "flip.right_to_wrong", Flip.WrongToRight => "flip.wrong_to_right", _ => "flip.any" },
    ScoreRange.Unit,
    flip == Flip.WrongToRight ? ScoreDirection.Neither : ScoreDirection.Lower)
{
    /// <inheritdoc/>
    public override Score Measure(AnswerPair input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Label < 0) return Score.NotMeasured("there is no label");
        return Score.Of(flip switch
        {
            Flip.RightToWrong => input.Parent == input.Label && input.Candidate != input.Label,
            Flip.WrongToRight => input.Parent != input.Label && input.Candidate == input.Label,
            _ => input.Parent != input.Candidate,
        });
    }
}
