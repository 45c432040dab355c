using System.IO.Compression;
using System.Security.Cryptography;
using PruneBuild.Package.Tests.Infrastructure;

namespace PruneBuild.Package.Tests;

public sealed class ToolPackAcquisition(PackedFeed feed) : PackageTest(feed)
{
    private const int PackBytes = 32 << 20;

    [Fact]
    public void Two_builds_that_need_the_same_tool_pack_at_once_fetch_it_once()
    {
        var contentHash = WritePack();
        Project.Write("nuget.config", NugetConfig());
        string[] names = ["first", "second"];
        foreach (var name in names)
        {
            Project.WriteApp(
                $"""
                <ModelReference Include="m.onnx" />
                <PruneBuildToolPack Remove="@(PruneBuildToolPack)" />
                <PruneBuildToolPack Include="native-pack" Version="1.0.0" HostRid="{TestHost.HostRid}" ContentHash="{contentHash}" />
                """,
                folder: name);
            Project.Write($"{name}/m.onnx", "score 1\n");
            Project.Run("restore", name).AssertSucceeded();
        }

        using var first = Project.Start("build", out var firstLog, "first", "--no-restore");
        using var second = Project.Start("build", out var secondLog, "second", "--no-restore");
        BuildResult[] results = [TestProject.Finish(first, firstLog), TestProject.Finish(second, secondLog)];

        Assert.All(results, result => Assert.Equal(5, result.AssertSucceeded().WorkerStarts.Count));
        Assert.Equal(1, results.Sum(result => result.Log.Split("Fetching native-pack 1.0.0 from closet").Length - 1));
        Assert.All(names, name => Assert.Contains(
            Project.Path("packages", "native-pack", "1.0.0"), File.ReadAllText(Project.Path(name, "obj", "prunebuild", "natives.json")),
            StringComparison.Ordinal));
        Assert.Equal(PackBytes, new FileInfo(Project.Path("packages", "native-pack", "1.0.0", "runtimes", "native.bin")).Length);
    }

    /// <summary>A package large enough that fetching it takes a while.</summary>
    /// <returns>Its content hash, which for a package without a signature is that of the file.</returns>
    private string WritePack()
    {
        Directory.CreateDirectory(Project.Path("closet"));
        var path = Project.Path("closet", "native-pack.1.0.0.nupkg");
        using (var nupkg = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            using (var nuspec = new StreamWriter(nupkg.CreateEntry("native-pack.nuspec").Open()))
            {
                nuspec.Write(
                    """
                    <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
                      <metadata><id>native-pack</id><version>1.0.0</version><authors>test</authors><description>a test's package</description></metadata>
                    </package>
                    """);
            }
            using var native = nupkg.CreateEntry("runtimes/native.bin", CompressionLevel.NoCompression).Open();
            var bytes = new byte[PackBytes];
            new Random(1).NextBytes(bytes);
            native.Write(bytes);
        }
        return Convert.ToBase64String(SHA512.HashData(File.ReadAllBytes(path)));
    }

    private string NugetConfig() => Project.NugetConfig(Project.Path("packages"), fallbackFolder: null).Replace(
        "</packageSources>", $"""<add key="closet" value="{Project.Path("closet")}" /></packageSources>""", StringComparison.Ordinal);
}
