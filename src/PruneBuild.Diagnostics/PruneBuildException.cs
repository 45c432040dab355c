namespace PruneBuild.Diagnostics;

/// <summary>A failure that the user can act on: it ends the stage and is reported under its code.</summary>
public sealed class PruneBuildException : Exception
{
    /// <param name="code">A code of <c>Codes.resx</c>.</param>
    /// <param name="arguments">The arguments of its sentence.</param>
    public PruneBuildException(string code, params object?[] arguments)
        : this(Diagnostic.Create(code, Severity.Error, arguments))
    {
    }

    /// <param name="diagnostic">The diagnostic to report.</param>
    /// <param name="inner">What caused it, for the log.</param>
    public PruneBuildException(Diagnostic diagnostic, Exception? inner = null)
        : base(diagnostic.Message, inner) => Diagnostic = diagnostic;

    /// <summary>What to report.</summary>
    public Diagnostic Diagnostic { get; }

    /// <summary>The code alone.</summary>
    public string Code => Diagnostic.Code;

    /// <summary>The same failure, pointing at the user's file.</summary>
    public PruneBuildException At(string? file, int line = 0, int column = 0) =>
        new(Diagnostic.At(file, line, column), InnerException);
}
