using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Passes evaluated cases on as worker events, at most one for every quarter of the work.</summary>
internal sealed class EvaluationProgressLine(IWorkReporter reporter, string stage, string subject) : IProgress<EvaluationProgress>
{
    private int quarters = -1;

    public void Report(EvaluationProgress value)
    {
        var now = value.Total == 0 ? 4 : (int)(4L * value.Done / value.Total);
        if (now == quarters)
            return;
        quarters = now;
        reporter.Progress(stage, $"{subject}: {value.Done} of {value.Total} cases", now / 4.0);
    }
}
