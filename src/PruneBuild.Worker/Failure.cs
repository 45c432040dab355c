using Microsoft.ML.OnnxRuntime;
using PruneBuild.Diagnostics;
using PruneBuild.Pipeline;
using PruneBuild.Runtime;

namespace PruneBuild.Worker;

/// <summary>Turns any exception into one diagnostic.</summary>
internal static class Failure
{
    /// <param name="exception">What went wrong.</param>
    /// <param name="request">The request that was worked on, when it was read already.</param>
    public static Diagnostic Explain(Exception exception, WorkRequest? request) => exception switch
    {
        PruneBuildException coded => coded.Diagnostic,
        EdgeModelException edge => new Diagnostic(edge.Code, Severity.Error, edge.Message[(edge.Code.Length + 2)..]),
        OnnxRuntimeException => Diagnostic.Create("PB2012", Severity.Error, request?.Model, FirstLine(exception)).At(request?.Model),
        FileNotFoundException missing => Diagnostic.Create("PB9009", Severity.Error, $"'{missing.FileName}' vanished while it was needed; run the build again"),
        UnauthorizedAccessException or IOException => Diagnostic.Create(
            "PB6002", Severity.Error, Path.GetDirectoryName(request?.StampFile), FirstLine(exception)),
        DllNotFoundException => Diagnostic.Create("PB0013", Severity.Error, "native library", FirstLine(exception)),
        TypeInitializationException { InnerException: { } inner } => Explain(inner, request),
        _ => Diagnostic.Create("PB9009", Severity.Error, $"{exception.GetType().Name}: {FirstLine(exception)}"),
    };

    private static string FirstLine(Exception exception) => exception.Message.Split('\n', 2)[0].Trim();
}
