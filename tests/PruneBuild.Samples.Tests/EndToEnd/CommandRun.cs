using System.Diagnostics;

namespace PruneBuild.Tests.EndToEnd;

/// <summary>A program that ran to its end, started as a user's shell would start it.</summary>
/// <param name="Command">Its command line, for messages.</param>
/// <param name="ExitCode">What it ended with.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
internal sealed record CommandRun(string Command, int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(6);

    public static CommandRun Of(string workingFolder, string file, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { WorkingDirectory = workingFolder, RedirectStandardOutput = true, RedirectStandardError = true };
        // The test runs inside a dotnet command itself, whose private settings are not for the next one.
        foreach (var name in start.Environment.Keys.Where(IsPrivate).ToList())
            start.Environment.Remove(name);
        // No build process may outlive the test.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{file} {string.Join(' ', arguments)} ran longer than {Limit}:\n{output.Result}\n{errors.Result}");
        }
        return new CommandRun($"{file} {string.Join(' ', arguments)}", process.ExitCode, output.Result, errors.Result);
    }

    public CommandRun AssertExitCode(int expected)
    {
        Assert.True(ExitCode == expected, $"{Command} ended with {ExitCode}:\n{Output}\n{Errors}");
        return this;
    }

    private static bool IsPrivate(string name) =>
        name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("DOTNET_HOST", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase)
        || name is "CI" or "TF_BUILD" or "GITHUB_ACTIONS";
}
