using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Profiles;

namespace PruneBuild.Evaluation.Probing;

/// <summary>A model that may turn out too large for a profile: from then on it gives no numbers, and the other one is measured all the same.</summary>
/// <param name="probe">What runs it.</param>
internal sealed class ProbedModel(IModelProbe probe)
{
    private readonly List<double> _loads = [];
    private readonly List<double> _firsts = [];
    private readonly List<double> _firstTokens = [];
    private readonly List<double> _tokens = [];
    private long? _peak;
    private string? _failure;

    public IReadOnlyList<EmulatedLimit> Limits => probe.Limits;

    /// <summary>Opens it and lets it answer once.</summary>
    public void Load()
    {
        var load = Try(probe.Load);
        var first = Run(0);
        if (_failure is not null) return;
        _loads.Add(load);
        _firsts.Add(first);
    }

    /// <summary>Seconds, or NaN where it does not run.</summary>
    public double Run(int block)
    {
        var seconds = Try(() => probe.Run(block));
        if (!probe.Writes) return seconds;
        _firstTokens.Add(Try(probe.FirstTokenSeconds));
        _tokens.Add(Try(probe.TokenSeconds));
        return seconds;
    }

    public void AskPeak() => Try(() => (double)((_peak = probe.PeakResidentBytes()) ?? 0));

    public ModelFigures Figures(double[] seconds, ResourceProfile profile)
    {
        // A limit that nothing enforced is still one: what is above it would not run there.
        var isTooLarge = profile.MemoryBytes is { } most && _peak > most && probe.Limits.Any(limit => limit is { Limit: "memoryBytes", Emulated: false });
        var failure = _failure ?? (isTooLarge ? FormattableString.Invariant($"it takes {_peak} bytes, and the profile gives it {profile.MemoryBytes}") : null);
        return failure is not null
            ? new ModelFigures { Failure = failure, PeakResidentBytes = _peak }
            : new ModelFigures
            {
                Seconds = seconds,
                // What was timed before is a warm-up.
                FirstTokenSeconds = [.. _firstTokens.TakeLast(seconds.Length)],
                TokenSeconds = [.. _tokens.TakeLast(seconds.Length)],
                LoadSeconds = [.. _loads], FirstSeconds = [.. _firsts], PeakResidentBytes = _peak,
            };
    }

    private double Try(Func<double> measure)
    {
        if (_failure is not null) return double.NaN;
        try
        {
            return measure();
        }
        catch (PruneBuildException exception) when (exception.Code == "PB5040")
        {
            _failure = exception.Diagnostic.Message.TrimEnd('.');
            return double.NaN;
        }
    }
}
