using System.Text.RegularExpressions;

namespace PruneBuild.Package.Tests.Infrastructure;

/// <summary>A coded error or warning in MSBuild's output.</summary>
internal sealed record BuildError(string Code, string File, int Line, int Column);

/// <summary>What a build did.</summary>
/// <param name="ExitCode">0 when it succeeded.</param>
/// <param name="Output">What a user saw.</param>
/// <param name="Log">The text log, which has the command lines.</param>
internal sealed partial record BuildResult(int ExitCode, string Output, string Log)
{
    /// <summary>The stages for which a worker process was started, in order.</summary>
    public IReadOnlyList<string> WorkerStarts => [.. Start().Matches(Log).Select(match => match.Groups["stage"].Value)];

    /// <summary>Our errors, each once: MSBuild repeats them in its summary.</summary>
    public IReadOnlyList<BuildError> Errors =>
    [
        .. Error().Matches(Output).Select(match => new BuildError(
            match.Groups["code"].Value, match.Groups["file"].Value, Number(match.Groups["line"]), Number(match.Groups["column"]))).Distinct(),
    ];

    public BuildResult AssertSucceeded()
    {
        Assert.True(ExitCode == 0, Output);
        return this;
    }

    /// <summary>The one coded error of a build that must have failed with it alone.</summary>
    public BuildError SingleError()
    {
        Assert.True(ExitCode != 0, Output);
        Assert.True(Errors.Count == 1, Output);
        return Errors[0];
    }

    private static int Number(Group group) => group.Success ? int.Parse(group.Value) : 0;

    [GeneratedRegex(@"prunebuild\.dll""? stage (?<stage>\w+) --request")]
    private static partial Regex Start();

    [GeneratedRegex(@"^\s*(?<file>([A-Za-z]:)?[^\s(:][^(:\n]*?)\s*(\((?<line>\d+)(,(?<column>\d+))?\))?\s*: error (?<code>PB\d{4}):", RegexOptions.Multiline)]
    private static partial Regex Error();
}
