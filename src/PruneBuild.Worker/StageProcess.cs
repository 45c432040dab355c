using PruneBuild.Diagnostics;
using PruneBuild.Pipeline;

namespace PruneBuild.Worker;

/// <summary>Runs one stage and turns every way it can end into events and an exit code.</summary>
internal static class StageProcess
{
    public static int Run(string stage, string requestPath, string? nativesPath, CancellationToken cancellation)
    {
        ParentWatch.Start();
        var reporter = new JsonLineReporter(Console.Out);
        WorkRequest? request = null;
        try
        {
            if (nativesPath is not null)
                NativesFile.Use(nativesPath);
            request = WorkRequest.Load(requestPath);
            using var scratch = new ScratchFolder(request.StagesFolder);
            StageRunner.Run(stage, request, reporter, cancellation, probe: ProbeCommand.Starting(nativesPath));
            reporter.Result(stage, !reporter.HasErrors, reporter.HasErrors ? "failed" : "done");
            return reporter.HasErrors ? ExitCodes.Failed : ExitCodes.Success;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCodes.Canceled;
        }
        catch (OutOfMemoryException exception)
        {
            reporter.Report(Diagnostic.Create("PB9004", Severity.Error, exception.Message));
            return ExitCodes.OutOfMemory;
        }
        catch (Exception exception)
        {
            reporter.Report(Failure.Explain(exception, request));
            // The stack goes to the log, never into the message.
            Console.Error.WriteLine(exception);
            reporter.Result(stage, false, "failed");
            return ExitCodes.Failed;
        }
    }
}
