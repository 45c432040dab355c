namespace PruneBuild.Evaluation.Scorers;

/// <summary>Logits as probabilities, in double precision.</summary>
internal static class Softmax
{
    /// <summary>Natural logarithms of the probabilities; null when there are no logits or one is not finite.</summary>
    public static double[]? LogProbabilities(ReadOnlySpan<float> logits)
    {
        if (logits.IsEmpty) return null;
        var largest = double.NegativeInfinity;
        foreach (var logit in logits)
        {
            if (!float.IsFinite(logit)) return null;
            largest = Math.Max(largest, logit);
        }
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp(logit - largest);
        var shift = largest + Math.Log(sum);
        var result = new double[logits.Length];
        for (var i = 0; i < result.Length; i++) result[i] = logits[i] - shift;
        return result;
    }

    /// <summary>Index of the largest logit, the lowest on a tie; the logits are finite.</summary>
    public static int Largest(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best]) best = i;
        }
        return best;
    }
}
