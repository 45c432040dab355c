using PruneBuild.Diagnostics;
using PruneBuild.Pipeline;

namespace PruneBuild.Benchmarks.Harness;

/// <summary>Remembers the last line of the gate and what it found.</summary>
internal sealed class QuietReporter : IWorkReporter
{
    public string Gate { get; private set; } = "";

    public List<string> Errors { get; } = [];

    public void Report(Diagnostic diagnostic)
    {
        if (diagnostic.Severity == Severity.Error)
            Errors.Add(diagnostic.ToString());
    }

    public void Progress(string stage, string message, double? fraction = null)
    {
        if (stage == "evaluate" && message.Contains(" checks in ", StringComparison.Ordinal))
            Gate = message;
    }
}
