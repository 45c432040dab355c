namespace PruneBuild.Evaluation.Scorers;

/// <summary>The share of positions at which parent and candidate have the same largest logit, the lowest class on a tie; llama.cpp's "same top p".</summary>
public sealed class TopOneAgreement() : CaseScorer<LogitPair>("fidelity.agreement", ScoreRange.Unit, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override Score Measure(LogitPair input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Problem() is { } problem) return Score.NotMeasured(problem);
        var same = input.Parent.Zip(input.Candidate).Count(row => Softmax.Largest(row.First) == Softmax.Largest(row.Second));
        return Score.Of((double)same / input.Parent.Count);
    }
}
