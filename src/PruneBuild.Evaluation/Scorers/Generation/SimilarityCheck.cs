using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// How similar the output is to the references, by a metric of single texts (<c>exact_match</c>, <c>token_f1</c>, <c>rouge1</c>,
/// <c>rouge2</c>, <c>rougeL</c>): the score itself, or with <c>threshold</c> whether it is reached.
/// </summary>
internal sealed class SimilarityCheck(ICaseScorer<TextPair> metric, string[] references, double? threshold) : GenerationCheck
{
    /// <exception cref="PruneBuildException">PB1011 to PB1013.</exception>
    public static GenerationCheck Parse(CheckSource source)
    {
        source.AllowOnly("metric", "references", "threshold");
        var metrics = ScorerRegistry.OfCases<TextPair>().Select(metric => (metric.Name, metric)).ToArray();
        return new SimilarityCheck(
            source.Json.OneOf("metric", metrics),
            source.Texts("references"),
            source.Json.Has("threshold") ? source.Json.Number("threshold", 0, 1) : null);
    }

    public override Score Measure(CheckedOutput output)
    {
        var score = metric.Measure(new TextPair(output.Text, references));
        return threshold is { } limit && score.Value is { } value ? Score.Of(value >= limit) : score;
    }
}
