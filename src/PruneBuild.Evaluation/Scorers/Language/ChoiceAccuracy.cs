namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// The share of multiple-choice questions whose likeliest continuation is the right one, the first one on a tie: <c>acc</c>, or
/// <c>acc_norm</c> with the log-likelihood divided by the continuation's bytes. The Language Model Evaluation Harness divides its
/// acc_norm by characters and calls the byte form acc_bytes; for ASCII both are the same.
/// </summary>
/// <param name="perByte">Whether likelihoods are divided by bytes.</param>
public sealed class ChoiceAccuracy(bool perByte)
    : CaseScorer<ChoiceCase>(perByte ? "acc_norm" : "acc", ScoreRange.Unit, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override Score Measure(ChoiceCase input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Choices.Count < 2) return Score.NotMeasured("there are fewer than two choices");
        if (input.Answer < 0 || input.Answer >= input.Choices.Count) return Score.NotMeasured($"choice {input.Answer} does not exist");
        var best = 0;
        for (var i = 0; i < input.Choices.Count; i++)
        {
            if (!double.IsFinite(input.Choices[i].LogLikelihood)) return Score.NotMeasured($"the likelihood of choice {i} is not finite");
            if (perByte && input.Choices[i].Bytes <= 0) return Score.NotMeasured($"choice {i} is empty");
            if (Likelihood(input.Choices[i]) > Likelihood(input.Choices[best])) best = i;
        }
        return Score.Of(best == input.Answer);
    }

    private double Likelihood(Choice choice) => perByte ? choice.LogLikelihood / choice.Bytes : choice.LogLikelihood;
}
