using Microsoft.ML.OnnxRuntime;
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
            StageRunner.Run(stage, request, requestPath, reporter, cancellation);
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
            reporter.Report(Explain(exception, request));
            // The stack goes to the log, never into the message.
            Console.Error.WriteLine(exception);
            reporter.Result(stage, false, "failed");
            return ExitCodes.Failed;
        }
    }

    private static Diagnostic Explain(Exception exception, WorkRequest? request) => exception switch
    {
        PruneBuildException coded => coded.Diagnostic,
        OnnxRuntimeException => Diagnostic.Create("PB2012", Severity.Error, request?.Model, FirstLine(exception)).At(request?.Model),
        FileNotFoundException missing => Diagnostic.Create("PB2001", Severity.Error, missing.FileName ?? missing.Message).At(missing.FileName),
        UnauthorizedAccessException or IOException =>
            Diagnostic.Create("PB6002", Severity.Error, request?.ArtifactFolder, FirstLine(exception)),
        DllNotFoundException => Diagnostic.Create("PB0013", Severity.Error, "native library", FirstLine(exception)),
        TypeInitializationException { InnerException: { } inner } => Explain(inner, request),
        _ => Diagnostic.Create("PB9009", Severity.Error, $"{exception.GetType().Name}: {FirstLine(exception)}"),
    };

    private static string FirstLine(Exception exception) => exception.Message.Split('\n', 2)[0].Trim();
}
