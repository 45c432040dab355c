using System.IO.Compression;
using PruneBuild.Package.Tests.Infrastructure;

namespace PruneBuild.Package.Tests;

/// <summary>Where the finished artifact goes.</summary>
public sealed class ArtifactFlow(PackedFeed feed) : PackageTest(feed)
{
    /// <summary>Two that any .NET 10 SDK can build without a download.</summary>
    private const string TwoTargetFrameworks =
        "<TargetFrameworks>net10.0;net10.0-windows</TargetFrameworks><EnableWindowsTargeting>true</EnableWindowsTargeting>" +
        "<DisableTransitiveFrameworkReferenceDownloads>true</DisableTransitiveFrameworkReferenceDownloads>";

    [Fact]
    public void Publish_brings_the_artifact_and_a_second_publish_starts_no_worker()
    {
        Project.WriteUsualApp();
        Project.Run("publish", "-r", "linux-arm64", "--no-self-contained").AssertSucceeded();
        var published = Project.Path("bin", "Release", "net10.0", "linux-arm64", "publish", "edge", "m", "model.onnx");
        Assert.True(File.Exists(published));
        Assert.Empty(Project.Run("publish", "--no-restore", "-r", "linux-arm64", "--no-self-contained").AssertSucceeded().WorkerStarts);
    }

    [Fact]
    public void Files_that_left_the_artifact_leave_the_published_folder()
    {
        Project.WriteUsualApp();
        Project.WriteApp("""<ModelReference Include="m.onnx" Prune="8x4:0.8" />""");
        Project.Run("publish", "-r", "linux-arm64", "--no-self-contained").AssertSucceeded();
        Project.WriteApp("""<ModelReference Include="m.onnx" />""");
        Project.Run("publish", "--no-restore", "-r", "linux-arm64", "--no-self-contained").AssertSucceeded();
        var published = Project.Path("bin", "Release", "net10.0", "linux-arm64", "publish", "edge", "m");
        Assert.Equal(["model.onnx"], Directory.EnumerateFiles(published).Select(Path.GetFileName));
    }

    [Fact]
    public void Pack_puts_the_artifact_into_the_package_by_runtime_identifier()
    {
        Project.WriteUsualApp();
        Project.Run("pack", "-o", Project.Path("out"), $"-p:RuntimeIdentifier=linux-arm64", "-p:SelfContained=false").AssertSucceeded();
        using var nupkg = ZipFile.OpenRead(Project.Path("out", "app.1.0.0.nupkg"));
        var edge = nupkg.Entries.Select(entry => entry.FullName).Where(name => name.Contains("model.onnx", StringComparison.Ordinal));
        Assert.Equal(["edge/linux-arm64/m/model.onnx"], edge);
    }

    [Fact]
    public void A_project_that_references_the_application_gets_the_artifact_too()
    {
        Project.WriteUsualApp();
        Project.Write(
            "Directory.Build.props", "<Project><PropertyGroup><EnableDefaultCompileItems>false</EnableDefaultCompileItems></PropertyGroup></Project>");
        Project.WriteApp("""<ModelReference Include="m.onnx" /><Compile Include="Program.cs" />""");
        Project.WriteApp(
            """<ProjectReference Include="../app.csproj" /><Compile Include="Program.cs" />""",
            "<TargetFramework>net10.0</TargetFramework><AssemblyName>consumer</AssemblyName>", "consumer", reference: "");
        Project.Build("consumer").AssertSucceeded();
        Assert.True(File.Exists(Project.Path("consumer", "bin", "Debug", "net10.0", "edge", "m", "model.onnx")));
    }

    [Fact]
    public void A_build_without_a_runtime_identifier_builds_for_this_machine()
    {
        Project.WriteUsualApp();
        Project.Build().AssertSucceeded();
        Assert.True(File.Exists(Project.Path("bin", "Debug", "net10.0", "edge", "m", "model.onnx")));
        Assert.True(Directory.Exists(Project.Path("obj", "prunebuild", "m", TestHost.HostRid)));
    }

    [Fact]
    public void Two_runtime_identifiers_build_side_by_side()
    {
        Project.WriteApp(
            """<ModelReference Include="m.onnx" />""",
            "<TargetFramework>net10.0</TargetFramework><RuntimeIdentifiers>linux-arm64;win-x64</RuntimeIdentifiers>" +
            "<EnableRuntimePackDownload>false</EnableRuntimePackDownload><EnableAppHostPackDownload>false</EnableAppHostPackDownload>");
        Project.Write("m.onnx", "score 0.9\n");
        Project.Write(
            "both.proj",
            """
            <Project>
              <Target Name="Build">
                <ItemGroup>
                  <Device Include="app.csproj" AdditionalProperties="RuntimeIdentifier=linux-arm64" />
                  <Device Include="app.csproj" AdditionalProperties="RuntimeIdentifier=win-x64" />
                </ItemGroup>
                <MSBuild Projects="@(Device)" BuildInParallel="true" />
              </Target>
            </Project>
            """);
        Project.Run("restore", "app.csproj").AssertSucceeded();
        var result = Project.Build("both.proj", "--no-restore", "-m:2").AssertSucceeded();
        Assert.Equal(10, result.WorkerStarts.Count);
        Assert.All(
            ["linux-arm64", "win-x64"],
            rid => Assert.True(File.Exists(Project.Path("bin", "Debug", "net10.0", rid, "edge", "m", "model.onnx"))));
    }

    [Theory]
    [InlineData("net10.0;net10.0-windows")]
    [InlineData(";net10.0;net10.0-windows")]
    [InlineData("\n  ; net10.0-windows ;\n  net10.0;\n")]
    public void Two_target_frameworks_share_one_artifact_that_is_built_once(string targetFrameworks)
    {
        Project.WriteApp(
            """<ModelReference Include="m.onnx" />""",
            TwoTargetFrameworks.Replace("net10.0;net10.0-windows", targetFrameworks, StringComparison.Ordinal));
        Project.Write("m.onnx", "score 0.9\n");
        var result = Project.Build("-m:2").AssertSucceeded();
        Assert.Equal(["prune", "quantize", "select", "evaluate", "package"], result.WorkerStarts);
        Assert.All(
            ["net10.0", "net10.0-windows"],
            framework => Assert.True(File.Exists(Project.Path("bin", "Debug", framework, "edge", "m", "model.onnx"))));
    }

    [Fact]
    public void A_rebuild_of_two_target_frameworks_builds_the_artifact_once_more()
    {
        Project.WriteApp("""<ModelReference Include="m.onnx" />""", TwoTargetFrameworks);
        Project.Write("m.onnx", "score 0.9\n");
        Project.Build("-m:2").AssertSucceeded();
        var result = Project.Build("--no-restore", "-t:Rebuild", "-m:2").AssertSucceeded();
        Assert.Equal(["prune", "quantize", "select", "evaluate", "package"], result.WorkerStarts);
        Assert.All(
            ["net10.0", "net10.0-windows"],
            framework => Assert.True(File.Exists(Project.Path("bin", "Debug", framework, "edge", "m", "model.onnx"))));
    }

    [Fact]
    public void Two_target_frameworks_report_a_missed_floor_once()
    {
        Project.WriteApp("""<ModelReference Include="m.onnx" Harness="h.json" />""", TwoTargetFrameworks);
        Project.Write("m.onnx", "score 0.5\n");
        Project.Write("h.json", "floor 0.8\n");
        Assert.Equal("PB4001", Project.Build("-m:2").SingleError().Code);
    }

    [Fact]
    public void Wildcards_and_a_target_path_place_every_model()
    {
        Project.WriteApp("""<ModelReference Include="models/*.onnx" /><ModelReference Include="other.onnx" TargetPath="nets/reader" />""");
        Project.Write("models/a.onnx", "score 1\n");
        Project.Write("models/b.onnx", "score 1\n");
        Project.Write("other.onnx", "score 1\n");
        Project.BuildForDevice().AssertSucceeded();
        Assert.All(["edge/a", "edge/b", "nets/reader"], folder => Assert.True(File.Exists(Project.DeviceOutput(folder, "model.onnx"))));
    }
}
