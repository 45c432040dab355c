using System.Text.RegularExpressions;

namespace PruneBuild.Tests.EndToEnd;

/// <summary>An error at a place in a file.</summary>
internal sealed record BuildError(string Code, string File, int Line, int Column);

/// <summary>A build or publish of the sample.</summary>
/// <param name="Command">What ran, and what a user saw.</param>
/// <param name="Log">The text log, which has the command lines of the workers.</param>
/// <param name="Artifact">The files of the device's artifact in bin afterwards.</param>
internal sealed partial record BuildRun(CommandRun Command, string Log, FolderState Artifact)
{
    /// <summary>The stages for which a worker process was started, in order.</summary>
    public IReadOnlyList<string> WorkerStarts => [.. Start().Matches(Log).Select(match => match.Groups["stage"].Value)];

    /// <summary>The errors with a place, each once: MSBuild repeats them in its summary.</summary>
    public IReadOnlyList<BuildError> Errors =>
    [
        .. Error().Matches(Command.Output)
            .Select(match => new BuildError(
                match.Groups["code"].Value, match.Groups["file"].Value, int.Parse(match.Groups["line"].Value), int.Parse(match.Groups["column"].Value)))
            .Distinct(),
    ];

    public BuildRun AssertSucceeded()
    {
        Command.AssertExitCode(0);
        return this;
    }

    [GeneratedRegex(@"prunebuild\.dll""? stage (?<stage>\w+) --request")]
    private static partial Regex Start();

    [GeneratedRegex(@"^\s*(?<file>[^\n]+?)\((?<line>\d+),(?<column>\d+)\): error (?<code>\w+):", RegexOptions.Multiline)]
    private static partial Regex Error();
}
