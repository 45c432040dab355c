using PruneBuild.Tests;

namespace PruneBuild.Package.Tests.Infrastructure;

/// <summary>Packs PruneBuild and its runtimes once for all tests, under a version that NuGet has never seen.</summary>
public sealed class PackedFeed : IDisposable
{
    public PackedFeed()
    {
        Root = Directory.CreateTempSubdirectory("prunebuild-packages-").FullName;
        Version = $"0.1.0-test.x{Guid.NewGuid():N}"[..24];
        foreach (var project in (string[])["PruneBuild", "PruneBuild.Runtime", "PruneBuild.Runtime.Text"])
            Pack(Path.Combine(OnnxRuntimeNative.RepositoryRoot, "src", project));
    }

    public string Root { get; }

    public string Version { get; }

    public string FeedFolder => Path.Combine(Root, "feed");

    /// <summary>The packages folder of the tests' projects.</summary>
    public string PackagesFolder => Path.Combine(Root, "packages");

    public string PruneBuildNupkg => Path.Combine(FeedFolder, $"PruneBuild.{Version}.nupkg");

    public string RuntimeNupkg => Path.Combine(FeedFolder, $"PruneBuild.Runtime.{Version}.nupkg");

    public string RuntimeTextNupkg => Path.Combine(FeedFolder, $"PruneBuild.Runtime.Text.{Version}.nupkg");

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private void Pack(string project)
    {
        List<string> arguments =
        [
            "pack", project, "--no-build", "-c", TestHost.Configuration, "-o", FeedFolder, $"-p:PruneBuildVersion={Version}", "-nologo",
        ];
        if (TestHost.ArtifactsPath.Length > 0)
            arguments.Add($"-p:ArtifactsPath={TestHost.ArtifactsPath}");
        var (exitCode, output) = DotNet.Run(Root, arguments);
        Assert.True(exitCode == 0, output);
    }
}
