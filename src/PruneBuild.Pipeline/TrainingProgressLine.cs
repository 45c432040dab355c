using PruneBuild.Compression.Training;

namespace PruneBuild.Pipeline;

/// <summary>Passes training steps on as worker events, at most one for every quarter of the work.</summary>
internal sealed class TrainingProgressLine(IWorkReporter reporter, string stage, string method) : IProgress<TrainingProgress>
{
    private readonly Quarters quarters = new();

    public void Report(TrainingProgress value)
    {
        if (quarters.IsNew(value.Step, value.Steps, out var quarter))
            reporter.Progress(stage, FormattableString.Invariant($"{method}: step {value.Step} of {value.Steps}, loss {value.Loss:0.####}"), quarter / 4.0);
    }
}
