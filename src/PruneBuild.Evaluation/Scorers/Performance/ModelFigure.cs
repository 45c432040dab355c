using PruneBuild.Evaluation.Performance;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>The median of what was measured of a model as a whole, whatever the cases: milliseconds to load it, bytes of memory.</summary>
/// <param name="name">The name in files and reports: <c>load</c>.</param>
/// <param name="samples">The numbers.</param>
public sealed class ModelFigure(string name, Func<ModelFigures, IEnumerable<double>> samples) : SampleScorer<double>(name, ScoreRange.NonNegative, ScoreDirection.Lower)
{
    /// <summary>What was measured, each time.</summary>
    public double[] Samples(ModelFigures figures) => [.. samples(figures)];

    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<double> cases) => Measurements.Prepare(cases, drawn => Median.Of(drawn));
}
