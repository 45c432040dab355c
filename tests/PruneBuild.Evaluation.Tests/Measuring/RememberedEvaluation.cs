using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Tests.Measuring;

/// <summary>Keeps scores, and resamples in the form in which they are stored.</summary>
internal sealed class RememberedEvaluation : IEvaluationCache
{
    private readonly Dictionary<string, CaseValuePair> _scores = [];
    private readonly Dictionary<string, double[]> _resamples = [];

    public int Made => _scores.Count + _resamples.Count;

    public CaseValuePair Scores(string identity, Func<CaseValuePair> make) =>
        _scores.TryGetValue(identity, out var kept) ? kept : _scores[identity] = make();

    public PairedBootstrap Resamples(string identity, Func<PairedBootstrap> make)
    {
        if (!_resamples.TryGetValue(identity, out var kept)) _resamples[identity] = kept = make().ToNumbers();
        return PairedBootstrap.FromNumbers(kept)!;
    }
}
