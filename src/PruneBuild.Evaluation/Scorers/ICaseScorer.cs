using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>A score of one case; that of a sample is the mean, so paired statistics on the values per case apply.</summary>
/// <typeparam name="TCase">What is known about one case.</typeparam>
public interface ICaseScorer<in TCase> : IScorer
{
    /// <summary>Scores one case.</summary>
    /// <exception cref="PruneBuildException">PB5020 when a user's scorer failed, PB5021 when texts are too long to align.</exception>
    Score Measure(TCase input);
}
