namespace PruneBuild.Evaluation.Scorers;

/// <summary>The fixed part of an <see cref="ISampleScorer{TCase}"/>.</summary>
/// <param name="name">The name in files and reports.</param>
/// <param name="range">The values it can give.</param>
/// <param name="better">Which values are good.</param>
public abstract class SampleScorer<TCase>(string name, ScoreRange range, ScoreDirection better) : ISampleScorer<TCase>
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public ScoreRange Range => range;

    /// <inheritdoc/>
    public ScoreDirection Better => better;

    /// <inheritdoc/>
    public abstract PreparedSample Prepare(IReadOnlyList<TCase> cases);
}
