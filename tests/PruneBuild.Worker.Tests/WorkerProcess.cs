using System.Diagnostics;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using PruneBuild.Pipeline;
using PruneBuild.Pipeline.Tests;
using PruneBuild.Tests;

namespace PruneBuild.Worker.Tests;

/// <summary>The real worker as the build starts it.</summary>
internal static class WorkerProcess
{
    public static string Assembly => typeof(StageProcess).Assembly.Location;

    /// <summary>How a stage ended: exit code, events, and the log.</summary>
    public sealed record Ended(int ExitCode, IReadOnlyList<JObject> Events, string Log)
    {
        public JObject Error => Events.Single(line => (string?)line["severity"] == "error");

        public override string ToString() => $"exit code {ExitCode}\n{string.Join("\n", Events)}\n{Log}";
    }

    public static string WriteRequest(TinyProject project, WorkRequest? request = null)
    {
        File.WriteAllText(project.RequestPath, JsonConvert.SerializeObject(request ?? project.Request));
        return project.RequestPath;
    }

    public static string WriteNatives(TinyProject project)
    {
        var rid = OperatingSystem.IsWindows() ? "win-x64" : OperatingSystem.IsMacOS() ? "osx-arm64" : "linux-x64";
        string Package(string id, string version) => Path.Combine(OnnxRuntimeNative.PackagesFolder, id, version);
        var natives = new
        {
            hostRid = rid,
            packages = new Dictionary<string, string>
            {
                ["microsoft.ml.onnxruntime"] = Package("microsoft.ml.onnxruntime", "1.31.1"),
                ["torchsharp"] = Package("torchsharp", "0.107.0"),
                [$"libtorch-cpu-{rid}"] = Package($"libtorch-cpu-{rid}", "2.10.0"),
            },
            cacheFolder = Path.Combine(Path.GetTempPath(), "prunebuild-tests", "natives"),
        };
        var path = Path.Combine(project.Folder, "natives.json");
        File.WriteAllText(path, JsonConvert.SerializeObject(natives));
        return path;
    }

    public static ProcessStartInfo StartInfo(params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Assembly, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return start;
    }

    /// <summary>A command for people: exit code, standard output and standard error.</summary>
    public static (int ExitCode, string Output, string Error) Command(params IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(StartInfo(arguments))!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    public static Ended Run(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var log = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(2)), "the worker hangs");
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new Ended(process.ExitCode, [.. lines.Where(line => line.StartsWith('{')).Select(JObject.Parse)], log.Result);
    }

    public static Ended Run(TinyProject project, string stage, WorkRequest? request = null) => Run(StartInfo(
        "stage", stage, "--request", WriteRequest(project, request), "--natives", WriteNatives(project)));
}
