using System.Diagnostics;

namespace PruneBuild.Tests;

/// <summary>A program of the tests, published in a temporary folder the way an app would be. Warnings, such as those of trimming, are errors.</summary>
internal sealed class PublishedApp : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;

    /// <param name="project">Its folder below <c>tests</c>, after which it is called.</param>
    /// <param name="runtimeIdentifier">What it is published for.</param>
    /// <param name="properties">More options of the command line.</param>
    public PublishedApp(string project, string runtimeIdentifier, params string[] properties)
    {
        Executable = Path.Combine(folder, "out", project);
        Run("dotnet",
        [
            "publish", Path.Combine(OnnxRuntimeNative.RepositoryRoot, "tests", project), "-c", "Release", "-r", runtimeIdentifier, "--self-contained",
            "--artifacts-path", folder, "-o", Path.Combine(folder, "out"), "--disable-build-servers", "-v", "quiet", .. properties,
        ]);
    }

    /// <summary>The program.</summary>
    public string Executable { get; }

    /// <summary>Puts the native ONNX Runtime of the tests beside the program, as the package puts it.</summary>
    public PublishedApp WithOnnxRuntime()
    {
        File.CreateSymbolicLink(Path.Combine(Path.GetDirectoryName(Executable)!, Path.GetFileName(OnnxRuntimeNative.Library)), OnnxRuntimeNative.Library);
        return this;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Runs a program to its end and returns what it printed; another exit code than 0 fails the test.</summary>
    public static string Run(string file, params string[] arguments) => RunTo(0, file, arguments);

    /// <summary>Runs a program to its end and returns what it printed; another exit code than the expected one fails the test.</summary>
    public static string RunTo(int exitCode, string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // What the test run sets for its own build must not leak into this one.
        foreach (var variable in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(variable);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == exitCode, $"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}\n{errors.Result}");
        return output;
    }

    /// <summary>Skips the test when a file or folder it needs is missing, unless skips are forbidden.</summary>
    public static void Require(string purpose, params string[] paths)
    {
        foreach (var path in paths)
            Skips.Unless(Path.Exists(path), $"{path} is missing: {purpose}.");
    }
}
