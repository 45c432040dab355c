namespace PruneBuild.Evaluation.Scorers;

/// <summary>One answer of a classifier.</summary>
/// <param name="Label">Right class, 0 or more.</param>
/// <param name="Answer">The class it gave, or <see cref="Predictions.NotFinite"/>, which is wrong whatever the label.</param>
/// <param name="Probabilities">One number a class, together 1; null when the model gives none.</param>
public sealed record ClassificationCase(int Label, int Answer, IReadOnlyList<double>? Probabilities = null)
{
    /// <summary>
    /// From the numbers of a model's last layer: the answer is the class with the largest one, the lowest class on a tie, and the
    /// probabilities are their softmax. When one of them is not finite there is neither.
    /// </summary>
    /// <param name="label">Right class.</param>
    /// <param name="logits">One number a class.</param>
    public static ClassificationCase FromLogits(int label, ReadOnlySpan<float> logits)
    {
        if (Softmax.LogProbabilities(logits) is not { } logarithms) return new ClassificationCase(label, Predictions.NotFinite);
        return new ClassificationCase(label, Softmax.Largest(logits), [.. logarithms.Select(Math.Exp)]);
    }

    /// <summary>Why no score that needs probabilities can be taken; null when one can.</summary>
    internal string? Problem()
    {
        // Wide enough for the rounding of a float32 softmax over a large vocabulary, far below any error in what was handed over.
        const double rounding = 1e-3;
        if (Probabilities is null) return "there are no probabilities";
        if (Label < 0 || Label >= Probabilities.Count) return $"label {Label} has no probability";
        var sum = 0.0;
        foreach (var probability in Probabilities)
        {
            if (!(probability >= 0 && probability <= 1)) return "a probability is not a number from 0 to 1";
            sum += probability;
        }
        return Math.Abs(sum - 1) <= rounding ? null : "the probabilities do not add up to 1";
    }
}
