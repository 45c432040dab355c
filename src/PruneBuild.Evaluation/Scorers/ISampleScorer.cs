using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>A score of a whole sample that is no mean over its cases, such as F1 or BLEU: its uncertainty comes from resampling the cases.</summary>
/// <typeparam name="TCase">What is known about one case.</typeparam>
public interface ISampleScorer<in TCase> : IScorer
{
    /// <summary>Does once what is the same for every resample: tokens, counts, distances.</summary>
    /// <param name="cases">The whole sample. It is not kept.</param>
    /// <exception cref="PruneBuildException">PB5021 when texts are too long to align.</exception>
    PreparedSample Prepare(IReadOnlyList<TCase> cases);
}
