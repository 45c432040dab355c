namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// The share of cases whose label is among the k most probable classes; of classes with equal probability the lowest come first.
/// With k classes or fewer every answer would do, so nothing is measured.
/// </summary>
/// <param name="k">1 or more.</param>
public sealed class TopKAccuracy(int k) : CaseScorer<ClassificationCase>($"top@{k}", ScoreRange.Unit, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override Score Measure(ClassificationCase input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Problem() is { } problem) return Score.NotMeasured(problem);
        var probabilities = input.Probabilities!;
        if (k >= probabilities.Count) return Score.NotMeasured($"every answer is among the first {k} of {probabilities.Count} classes");
        var before = 0;
        for (var i = 0; i < probabilities.Count; i++)
        {
            if (probabilities[i] > probabilities[input.Label] || (probabilities[i] == probabilities[input.Label] && i < input.Label)) before++;
        }
        return Score.Of(before < k);
    }
}
