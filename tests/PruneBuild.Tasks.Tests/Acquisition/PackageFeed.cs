using NuGet.Packaging;
using NuGet.Versioning;
using PruneBuild.Tasks.Tests.Infrastructure;

namespace PruneBuild.Tasks.Tests.Acquisition;

/// <summary>A folder feed with small packages, and a project whose NuGet configuration knows nothing else.</summary>
internal sealed class PackageFeed : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, string> contentHashes = [];

    public PackageFeed(string extraConfiguration = "", string extraSources = "")
    {
        Directory.CreateDirectory(FeedFolder);
        folder.Write(
            "app/nuget.config",
            $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{GlobalFolder}" /></config>
              <packageSources><clear /><add key="closet" value="{FeedFolder}" />{extraSources}</packageSources>
              <fallbackPackageFolders><clear /><add key="shelf" value="{FallbackFolder}" /></fallbackPackageFolders>
              {extraConfiguration}
            </configuration>
            """);
        Add("native-all");
        Add("native-linux-x64");
    }

    public TemporaryFolder Folder => folder;

    public string FeedFolder => folder.Path("feed");

    public string GlobalFolder => folder.Path("packages");

    public string FallbackFolder => folder.Path("fallback");

    public string NativesFile => folder.Path("app", "obj", "natives.json");

    public RecordingBuildEngine Engine { get; } = new();

    public string Nupkg(string id) => Path.Combine(FeedFolder, $"{id}.1.0.0.nupkg");

    public void BreakContentHash(string id) => contentHashes[id] = Convert.ToBase64String(new byte[64]);

    /// <summary>The task for both packages on a linux-x64 host.</summary>
    public AcquireHostNatives Task(string hostRid = "linux-x64") => new()
    {
        BuildEngine = Engine,
        HostRid = hostRid,
        ProjectFile = folder.Path("app", "app.csproj"),
        NativesFile = NativesFile,
        CacheFolder = folder.Path("cache"),
        ToolPacks = [Item("native-all", ""), Item("native-linux-x64", "linux-x64")],
    };

    public void Dispose() => folder.Dispose();

    private ProjectItem Item(string id, string hostRid) =>
        new(id, "", ("Version", "1.0.0"), ("ContentHash", contentHashes[id]), ("HostRid", hostRid));

    private void Add(string id)
    {
        var builder = new PackageBuilder { Id = id, Version = NuGetVersion.Parse("1.0.0"), Description = "a test's package" };
        builder.Authors.Add("test");
        builder.Files.Add(new PhysicalPackageFile(new MemoryStream([1, 2, 3])) { TargetPath = $"runtimes/linux-x64/native/lib{id}.so" });
        using (var nupkg = File.Create(Nupkg(id)))
            builder.Save(nupkg);
        using var reader = new PackageArchiveReader(Nupkg(id));
        contentHashes[id] = reader.GetContentHash(TestContext.Current.CancellationToken);
    }
}
