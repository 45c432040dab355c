using Microsoft.Build.Utilities;
using PruneBuild.Diagnostics;

namespace PruneBuild.Tasks;

/// <summary>Writes diagnostics to MSBuild's log with their code, place and help page.</summary>
/// <param name="log">MSBuild's log.</param>
/// <param name="projectFile">The file blamed where a diagnostic names none, so that no error points into our targets.</param>
/// <param name="docsFolder">The folder with one page per code, or null.</param>
internal sealed class DiagnosticLog(TaskLoggingHelper log, string projectFile, string? docsFolder)
{
    public void Report(Diagnostic diagnostic)
    {
        var file = diagnostic.File ?? projectFile;
        var help = HelpLink(diagnostic.Code);

        // The text is an argument, never the format: a path may hold braces.
        if (diagnostic.Severity == Severity.Error)
            log.LogError(null, diagnostic.Code, null, help, file, diagnostic.Line, diagnostic.Column, 0, 0, "{0}", diagnostic.Message);
        else
            log.LogWarning(null, diagnostic.Code, null, help, file, diagnostic.Line, diagnostic.Column, 0, 0, "{0}", diagnostic.Message);
    }

    public void Error(string code, params object?[] arguments) =>
        Report(Diagnostic.Create(code, Severity.Error, arguments));

    private string? HelpLink(string code)
    {
        if (string.IsNullOrEmpty(docsFolder))
            return null;
        var page = Path.Combine(docsFolder, code + ".md");
        return File.Exists(page) ? new Uri(page).AbsoluteUri : null;
    }
}
