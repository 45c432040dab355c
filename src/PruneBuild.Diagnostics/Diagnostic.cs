namespace PruneBuild.Diagnostics;

/// <summary>How serious a <see cref="Diagnostic"/> is.</summary>
public enum Severity
{
    /// <summary>The build goes on.</summary>
    Warning,

    /// <summary>The build fails.</summary>
    Error,
}

/// <summary>One coded message, with the place in the user's file that caused it.</summary>
/// <param name="Code">A code of <c>Codes.resx</c>, e.g. <c>PB4001</c>.</param>
/// <param name="Severity">Error or warning.</param>
/// <param name="Message">The whole sentence.</param>
/// <param name="File">The user's file at fault, absolute, or null.</param>
/// <param name="Line">1-based line; 0 when unknown.</param>
/// <param name="Column">1-based column; 0 when unknown.</param>
public sealed record Diagnostic(
    string Code,
    Severity Severity,
    string Message,
    string? File = null,
    int Line = 0,
    int Column = 0)
{
    /// <summary>Builds a diagnostic from a code and the arguments of its resource string.</summary>
    /// <exception cref="ArgumentException">The code has no resource string.</exception>
    public static Diagnostic Create(string code, Severity severity, params object?[] arguments) =>
        new(code, severity, Codes.Format(code, arguments));

    /// <summary>The same diagnostic, pointing at a file.</summary>
    public Diagnostic At(string? file, int line = 0, int column = 0) =>
        this with { File = file, Line = line, Column = column };

    /// <summary>MSBuild's canonical form: <c>file(line,col): error CODE: message</c>.</summary>
    public override string ToString()
    {
        var place = (File, Line) switch
        {
            (null, _) => "",
            (_, 0) => $"{File}: ",
            _ => $"{File}({Line},{Math.Max(1, Column)}): ",
        };
        return $"{place}{(Severity == Severity.Error ? "error" : "warning")} {Code}: {Message}";
    }
}
