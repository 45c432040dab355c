namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// Something that turns answers into numbers: a pure function, so the same answers give the same numbers on any machine and any
/// number of threads. It is an <see cref="ICaseScorer{TCase}"/> or an <see cref="ISampleScorer{TCase}"/>; which of the two decides
/// how the difference to the dense parent is tested.
/// </summary>
public interface IScorer
{
    /// <summary>The name in files and reports.</summary>
    string Name { get; }

    /// <summary>The values it can give.</summary>
    ScoreRange Range { get; }

    /// <summary>Which values are good.</summary>
    ScoreDirection Better { get; }
}
