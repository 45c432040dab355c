using PruneBuild.Compression.Pruning;

namespace PruneBuild.Pipeline;

/// <summary>Passes finished layers on as worker events.</summary>
internal sealed class LayerProgressLine(IWorkReporter reporter, string stage) : IProgress<LayerProgress>
{
    public void Report(LayerProgress value) =>
        reporter.Progress(stage, $"{stage}: {value.Layer} ({value.Done} of {value.Total})", (double)value.Done / value.Total);
}
