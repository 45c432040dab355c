using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Reports;

namespace PruneBuild.Pipeline;

/// <summary>Writes the outputs of the gate beside <c>verdict.json</c>, whether it is passed or not: they are most useful when it is not.</summary>
internal static class GateReports
{
    private const string Stage = "evaluate";
    private const string Markdown = "markdown";

    private static readonly (string Name, string File, Func<EvaluationReport, string> Write)[] Formats =
    [
        ("html", HtmlReport.FileName, HtmlReport.Write),
        ("sarif", SarifReport.FileName, SarifReport.Write),
        ("junit", JunitReport.FileName, JunitReport.Write),
        ("trx", TrxReport.FileName, TrxReport.Write),
        (Markdown, MarkdownSummary.FileName, report => MarkdownSummary.Write(report)),
    ];

    /// <summary>Names of all formats.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. Formats.Select(format => format.Name)];

    /// <summary>Writes the formats that the request names and removes those it does not name, which would tell of an older verdict.</summary>
    /// <exception cref="PruneBuildException">PB1012: a format that nobody knows.</exception>
    public static void Write(WorkContext context, EvaluateStage.Result evaluated)
    {
        var wanted = context.Request.Reports;
        if (wanted.FirstOrDefault(name => !Known.Contains(name)) is { } unknown)
            throw context.AtReference(new PruneBuildException("PB1012", unknown, "PruneBuildReports", $"Known: {string.Join(", ", Known)}."));
        var folder = Path.GetDirectoryName(EvaluateStage.VerdictPath(context.Request))!;
        foreach (var stale in Formats.Where(format => evaluated.Verdict is null || !wanted.Contains(format.Name)).Select(format => Path.Combine(folder, format.File)).Where(File.Exists))
            File.Delete(stale);
        if (evaluated.Verdict is null || wanted.Count == 0)
            return;

        var report = ReportSource.Of(context, evaluated, evaluated.Verdict);
        foreach (var (_, file, write) in Formats.Where(format => wanted.Contains(format.Name)))
        {
            var path = Path.Combine(folder, file);
            AtomicFile.WriteText(path, write(report));
            context.Reporter.Progress(Stage, $"report: {path}");
        }
        if (wanted.Contains(Markdown) && Environment.GetEnvironmentVariable("GITHUB_STEP_SUMMARY") is { Length: > 0 } summary)
            Append(context, summary, report);
    }

    private static void Append(WorkContext context, string path, EvaluationReport report)
    {
        try
        {
            if (!StepSummary.Append(path, MarkdownSummary.MostBytes, most => MarkdownSummary.Write(report, most), context.Cancellation))
                context.Reporter.Progress(Stage, "the step summary is full; nothing was added");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The verdict stands, whoever can read of it.
            context.Reporter.Progress(Stage, $"nothing was added to the step summary: {exception.Message}");
        }
    }
}
