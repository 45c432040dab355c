using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Criteria;

/// <summary>A criterion that scores each weight by itself; the pattern picks, and what stays keeps its value.</summary>
public abstract class ScoreCriterion : IPruningCriterion
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract bool NeedsStatistics { get; }

    /// <summary>Scores the weights; higher is more important.</summary>
    /// <param name="weights">[outputs, inputs], finite.</param>
    /// <param name="inputs">Columns.</param>
    /// <param name="statistics">Of the layer's input; null only when the criterion needs none.</param>
    /// <param name="scores">[outputs, inputs], written.</param>
    public abstract void Score(ReadOnlySpan<float> weights, int inputs, InputStatistics? statistics, Span<float> scores);

    /// <inheritdoc/>
    public PrunedLayer Prune(LayerProblem problem)
    {
        var scores = new float[problem.Weights.Length];
        Score(problem.Weights.Span, problem.Inputs, problem.Statistics, scores);
        var keep = problem.Pattern.Select(scores, problem.Outputs, problem.Inputs, problem.Sparsity);
        // The scores are done with: their array becomes the weights.
        for (var index = 0; index < keep.Length; index++)
            scores[index] = keep[index] ? problem.Weights.Span[index] : 0;
        return new PrunedLayer(scores, keep);
    }
}
