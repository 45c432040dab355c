using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>A place in a user's file, for messages.</summary>
/// <param name="File">Path of the file.</param>
/// <param name="Line">1-based line; 0 when unknown.</param>
/// <param name="Column">1-based column of the token's first character; 0 when unknown.</param>
public readonly record struct SourceLocation(string File, int Line, int Column)
{
    /// <summary>The failure <paramref name="code"/>, pointing here.</summary>
    public PruneBuildException Error(string code, params object?[] arguments) =>
        new PruneBuildException(code, arguments).At(File, Line, Column);
}
