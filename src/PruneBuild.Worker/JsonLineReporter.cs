using Newtonsoft.Json;
using PruneBuild.Diagnostics;
using PruneBuild.Pipeline;

namespace PruneBuild.Worker;

/// <summary>Writes every event as one JSON object a line.</summary>
internal sealed class JsonLineReporter(TextWriter output) : IWorkReporter
{
    private static readonly JsonSerializerSettings Ascii = new() { StringEscapeHandling = StringEscapeHandling.EscapeNonAscii };

    private readonly Lock gate = new();

    /// <summary>Whether an error was reported.</summary>
    public bool HasErrors { get; private set; }

    public void Report(Diagnostic diagnostic)
    {
        HasErrors |= diagnostic.Severity == Severity.Error;
        Write(new
        {
            @event = "diagnostic",
            severity = diagnostic.Severity == Severity.Error ? "error" : "warning",
            code = diagnostic.Code,
            message = diagnostic.Message,
            file = diagnostic.File,
            line = diagnostic.Line,
            column = diagnostic.Column,
        });
    }

    public void Progress(string stage, string message, double? fraction = null) =>
        Write(new { @event = "progress", stage, message, fraction });

    /// <summary>The last event of a stage.</summary>
    public void Result(string stage, bool success, string message) =>
        Write(new { @event = "result", stage, success, message });

    private void Write(object value)
    {
        // ASCII only: the console's code page is not always UTF-8.
        var line = JsonConvert.SerializeObject(value, Formatting.None, Ascii);
        lock (gate)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }
}
