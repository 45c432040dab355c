namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// Semantic textual similarity: Spearman's rank correlation of the cosine of two embeddings with how similar people find the texts.
/// N. Reimers, P. Beyer, I. Gurevych, "Task-oriented intrinsic evaluation of semantic textual similarity", COLING 2016.
/// </summary>
public sealed class StsSpearman() : SampleScorer<EmbeddingPair>("sts.spearman", ScoreRange.Correlation, ScoreDirection.Higher)
{
    private static readonly CosineSimilarity Cosine = new();

    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<EmbeddingPair> cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        var cosines = new double[cases.Count];
        for (var i = 0; i < cases.Count; i++)
        {
            if (cases[i].Similarity is null) return PreparedSample.NotMeasured(cases.Count, $"case {i}: nobody judged the similarity");
            var cosine = Cosine.Measure(cases[i]);
            if (cosine.Value is not { } value) return PreparedSample.NotMeasured(cases.Count, $"case {i}: {cosine.Reason}");
            cosines[i] = value;
        }
        return NumberPairs.Prepare([.. cases.Select(input => input.Similarity!.Value)], cosines, Correlation.Spearman);
    }
}
