namespace PruneBuild.Evaluation;

/// <summary>Log-likelihoods of the tokens of a text, in nats.</summary>
internal static class LogLikelihood
{
    /// <summary>That of the text, summed in order and in double precision.</summary>
    public static double Sum(ReadOnlySpan<float> tokens)
    {
        var sum = 0.0;
        foreach (var token in tokens) sum += token;
        return sum;
    }
}
