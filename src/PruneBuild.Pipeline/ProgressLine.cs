using PruneBuild.Compression.Pruning;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Passes finished layers on as worker events.</summary>
internal sealed class LayerProgressLine(IWorkReporter reporter, string stage, string verb) : IProgress<LayerProgress>
{
    public void Report(LayerProgress value) =>
        reporter.Progress(stage, $"{verb} {value.Layer} ({value.Done} of {value.Total})", (double)value.Done / value.Total);
}

/// <summary>Passes evaluated cases on as worker events, at most one for every tenth of the work.</summary>
internal sealed class EvaluationProgressLine(IWorkReporter reporter, string stage, string subject) : IProgress<EvaluationProgress>
{
    private int tenths = -1;

    public void Report(EvaluationProgress value)
    {
        var now = value.Total == 0 ? 10 : (int)(10L * value.Done / value.Total);
        if (now == tenths)
            return;
        tenths = now;
        reporter.Progress(stage, $"{subject}: {value.Done} of {value.Total} cases", now / 10.0);
    }
}
