using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Passes evaluated cases on as worker events, at most one for every quarter of the work.</summary>
internal sealed class EvaluationProgressLine(IWorkReporter reporter, string stage, string subject) : IProgress<EvaluationProgress>
{
    private readonly Quarters quarters = new();

    public void Report(EvaluationProgress value)
    {
        if (quarters.IsNew(value.Done, value.Total, out var quarter))
            reporter.Progress(stage, $"{subject}: {value.Done} of {value.Total} cases", quarter / 4.0);
    }
}
