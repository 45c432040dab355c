namespace PruneBuild.Evaluation.Scorers;

/// <summary>The cosine of the angle between two embeddings; none when one of them is zero or not finite.</summary>
public sealed class CosineSimilarity() : CaseScorer<EmbeddingPair>("cosine", ScoreRange.Correlation, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override Score Measure(EmbeddingPair input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.First.Count != input.Second.Count) return Score.NotMeasured("the embeddings have different lengths");
        double dot = 0, first = 0, second = 0;
        for (var i = 0; i < input.First.Count; i++)
        {
            double x = input.First[i], y = input.Second[i];
            dot += x * y;
            first += x * x;
            second += y * y;
        }
        if (!double.IsFinite(first) || !double.IsFinite(second)) return Score.NotMeasured("an embedding is not finite");
        if (first == 0 || second == 0) return Score.NotMeasured("an embedding is zero");
        return Score.Of(Math.Clamp(dot / (Math.Sqrt(first) * Math.Sqrt(second)), -1, 1));
    }
}
