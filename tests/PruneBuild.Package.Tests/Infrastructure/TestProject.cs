using PruneBuild.Tests;

namespace PruneBuild.Package.Tests.Infrastructure;

/// <summary>A project in a folder of its own that uses the packed package as a user's project would.</summary>
internal sealed class TestProject : IDisposable
{
    private readonly PackedFeed feed;
    private int builds;
    private bool failed;

    public TestProject(PackedFeed feed)
    {
        this.feed = feed;
        Root = Directory.CreateTempSubdirectory("prunebuild-project-").FullName;
        Write("nuget.config", NugetConfig(feed.PackagesFolder, OnnxRuntimeNative.PackagesFolder));
    }

    public string Root { get; }

    public string Version => feed.Version;

    /// <summary>Properties on every command line; the fake worker unless the test takes this out.</summary>
    public List<string> Properties { get; } = ["UseAppHost=false", "UseSharedCompilation=false", $"PruneBuildWorkerFolder={TestHost.FakeWorkerFolder}"];

    public string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    public string Write(string relativePath, string text)
    {
        var path = Path(relativePath);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>An application with the given items and properties in <c>app.csproj</c>, and its one source file.</summary>
    public void WriteApp(string items, string properties = "<TargetFramework>net10.0</TargetFramework>", string folder = "", string? reference = null)
    {
        Write(System.IO.Path.Combine(folder, "Program.cs"), "System.Console.WriteLine();\n");
        Write(
            System.IO.Path.Combine(folder, "app.csproj"),
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                {reference ?? $"""<PackageReference Include="PruneBuild" Version="{Version}" PrivateAssets="all" />"""}
                {items}
              </ItemGroup>
            </Project>
            """);
    }

    /// <summary>The usual one: a model that passes its floor, for linux-arm64.</summary>
    public void WriteUsualApp()
    {
        WriteApp("""<ModelReference Include="m.onnx" Harness="h.json" />""");
        Write("m.onnx", "score 0.9\ndata d.bin\n");
        Write("d.bin", "data");
        Write("h.json", "floor 0.8\n");
    }

    /// <summary>A closed feed: only what the tests packed, and what the machine has unpacked already.</summary>
    public string NugetConfig(string packagesFolder, string? fallbackFolder) =>
        $"""
        <configuration>
          <config><add key="globalPackagesFolder" value="{packagesFolder}" /></config>
          <packageSources><clear /><add key="packed" value="{feed.FeedFolder}" /></packageSources>
          <fallbackPackageFolders><clear />{(fallbackFolder is null ? "" : $"""<add key="machine" value="{fallbackFolder}" />""")}</fallbackPackageFolders>
        </configuration>
        """;

    /// <summary>A command on the project, with the properties and a log.</summary>
    public BuildResult Run(string command, params IEnumerable<string> arguments)
    {
        using var run = Start(command, out var log, arguments);
        return Finish(run, log);
    }

    public BuildResult Build(params IEnumerable<string> arguments) => Run("build", arguments);

    /// <summary>A build for linux-arm64; after the first one without another restore.</summary>
    public BuildResult BuildForDevice(params IEnumerable<string> arguments) =>
        Build([.. File.Exists(Path("obj", "project.assets.json")) ? ["--no-restore"] : Array.Empty<string>(), "-r", "linux-arm64", .. arguments]);

    public DotNet Start(string command, out string log, params IEnumerable<string> arguments)
    {
        log = Path($"build.{++builds}.log");
        return DotNet.Start(
            Root, [command, .. arguments, .. Properties.Select(property => $"-p:{property}"), "-tl:off", "-nologo", $"-flp:LogFile={log};Verbosity=normal"]);
    }

    public static BuildResult Finish(DotNet run, string log)
    {
        var (exitCode, output) = run.Wait();
        return new BuildResult(exitCode, output, File.Exists(log) ? File.ReadAllText(log) : "");
    }

    /// <summary>Keeps the folder with the logs when the test failed.</summary>
    public void KeepWhen(bool testFailed) => failed |= testFailed;

    public string DeviceOutput(params string[] parts) => Path(["bin", "Debug", "net10.0", "linux-arm64", .. parts]);

    public void Dispose()
    {
        if (failed)
            TestContext.Current.TestOutputHelper?.WriteLine($"Kept the failed build in {Root}");
        else
            Directory.Delete(Root, recursive: true);
    }
}
