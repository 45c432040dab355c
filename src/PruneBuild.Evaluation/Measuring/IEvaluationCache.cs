using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation;

/// <summary>
/// Keeps what is expensive to take. An identity names the scorer with its parameters and version, or the measured quantity; whoever keeps
/// things adds what the outputs and the cases are.
/// </summary>
public interface IEvaluationCache
{
    /// <summary>What a scorer gives for every case. It does not depend on slices and clusters.</summary>
    CaseValuePair Scores(string identity, Func<CaseValuePair> make);

    /// <summary>The resamples of a quantity on a slice. They depend on neither threshold nor confidence.</summary>
    PairedBootstrap Resamples(string identity, Func<PairedBootstrap> make);
}

/// <summary>Keeps nothing.</summary>
internal sealed class NoCache : IEvaluationCache
{
    public static NoCache Instance { get; } = new();

    public CaseValuePair Scores(string identity, Func<CaseValuePair> make) => make();

    public PairedBootstrap Resamples(string identity, Func<PairedBootstrap> make) => make();
}
