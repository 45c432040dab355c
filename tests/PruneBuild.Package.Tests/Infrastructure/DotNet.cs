using System.Diagnostics;
using System.Text;

namespace PruneBuild.Package.Tests.Infrastructure;

/// <summary>One run of the <c>dotnet</c> command, as a user's shell would start it.</summary>
internal sealed class DotNet : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private readonly StringBuilder output = new();
    private readonly Process process;

    private DotNet(Process process) => this.process = process;

    public int ProcessId => process.Id;

    /// <summary>Runs to the end.</summary>
    /// <returns>The exit code and everything printed.</returns>
    public static (int ExitCode, string Output) Run(string workingDirectory, params IEnumerable<string> arguments)
    {
        using var run = Start(workingDirectory, arguments);
        return run.Wait();
    }

    public static DotNet Start(string workingDirectory, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(TestHost.DotNetHost, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The test runs inside a dotnet command itself, whose private settings are not for the next one.
        foreach (var name in start.Environment.Keys.Where(IsPrivate).ToList())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        var run = new DotNet(new Process { StartInfo = start });
        run.process.OutputDataReceived += run.Receive;
        run.process.ErrorDataReceived += run.Receive;
        run.process.Start();
        run.process.BeginOutputReadLine();
        run.process.BeginErrorReadLine();
        return run;
    }

    public (int ExitCode, string Output) Wait()
    {
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"dotnet {string.Join(' ', process.StartInfo.ArgumentList)} ran longer than {Limit}:\n{output}");
        }
        process.WaitForExit();
        lock (output)
            return (process.ExitCode, output.ToString());
    }

    public void Dispose() => process.Dispose();

    private static bool IsPrivate(string name) =>
        name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("DOTNET_HOST", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase)
        || name is "CI" or "TF_BUILD" or "GITHUB_ACTIONS";

    private void Receive(object sender, DataReceivedEventArgs e)
    {
        lock (output)
            output.AppendLine(e.Data);
    }
}
