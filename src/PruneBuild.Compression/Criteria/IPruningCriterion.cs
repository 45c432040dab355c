using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Criteria;

/// <summary>How important each weight of a layer is.</summary>
public interface IPruningCriterion
{
    /// <summary>The name a recipe uses.</summary>
    string Name { get; }

    /// <summary>Whether <see cref="Score"/> needs statistics of the layer's input.</summary>
    bool NeedsStatistics { get; }

    /// <summary>Scores the weights; higher is more important.</summary>
    /// <param name="weights">[outputs, inputs], finite.</param>
    /// <param name="inputs">Columns.</param>
    /// <param name="statistics">Of the layer's input; null only when the criterion needs none.</param>
    /// <param name="scores">[outputs, inputs], written.</param>
    void Score(ReadOnlySpan<float> weights, int inputs, InputStatistics? statistics, Span<float> scores);
}
