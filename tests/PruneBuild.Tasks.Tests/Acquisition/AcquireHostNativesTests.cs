using System.Text.Json;

namespace PruneBuild.Tasks.Tests.Acquisition;

public sealed class AcquireHostNativesTests
{
    [Fact]
    public void Missing_packages_come_from_the_configured_source_and_are_written_down()
    {
        using var feed = new PackageFeed();
        Assert.True(feed.Task().Execute());
        var natives = JsonDocument.Parse(File.ReadAllText(feed.NativesFile)).RootElement;
        Assert.Equal("linux-x64", natives.GetProperty("hostRid").GetString());
        Assert.Equal(feed.Folder.Path("cache"), natives.GetProperty("cacheFolder").GetString());
        Assert.Equal(
            [
                ("native-all", Path.Combine(feed.GlobalFolder, "native-all", "1.0.0")),
                ("native-linux-x64", Path.Combine(feed.GlobalFolder, "native-linux-x64", "1.0.0")),
            ],
            natives.GetProperty("packages").EnumerateObject().Select(package => (package.Name, package.Value.GetString()!)));
        Assert.True(File.Exists(Path.Combine(feed.GlobalFolder, "native-all", "1.0.0", "runtimes", "linux-x64", "native", "libnative-all.so")));
        Assert.Empty(Directory.EnumerateFiles(feed.Folder.Path("cache", "downloads")));
    }

    [Fact]
    public void Packages_already_there_need_no_source()
    {
        using var feed = new PackageFeed();
        Assert.True(feed.Task().Execute());
        Directory.Delete(feed.FeedFolder, recursive: true);
        Assert.True(feed.Task().Execute());
    }

    [Fact]
    public void A_fallback_folder_is_used_in_place()
    {
        using var feed = new PackageFeed();
        Assert.True(feed.Task().Execute());
        Directory.Move(feed.GlobalFolder, feed.FallbackFolder);
        Directory.Delete(feed.FeedFolder, recursive: true);
        Assert.True(feed.Task().Execute());
        Assert.Contains(feed.FallbackFolder, File.ReadAllText(feed.NativesFile), StringComparison.Ordinal);
        Assert.False(Directory.Exists(feed.GlobalFolder));
    }

    [Fact]
    public void The_folders_of_the_projects_own_restore_win_over_the_configuration()
    {
        using var feed = new PackageFeed();
        var task = feed.Task();
        task.PackageFolders = [feed.Folder.Path("restored") + Path.DirectorySeparatorChar, feed.Folder.Path("restored")];
        Assert.True(task.Execute());
        Assert.True(Directory.Exists(feed.Folder.Path("restored", "native-all", "1.0.0")));
        Assert.False(Directory.Exists(feed.GlobalFolder));
    }

    [Fact]
    public void A_downloaded_package_with_the_wrong_content_hash_is_not_installed()
    {
        using var feed = new PackageFeed();
        feed.BreakContentHash("native-linux-x64");
        Assert.False(feed.Task().Execute());
        Assert.Equal("PB0011", Assert.Single(feed.Engine.Errors).Code);
        Assert.False(Directory.Exists(Path.Combine(feed.GlobalFolder, "native-linux-x64", "1.0.0")));
        Assert.False(File.Exists(feed.NativesFile));
    }

    [Fact]
    public void An_installed_package_with_the_wrong_content_hash_is_not_used()
    {
        using var feed = new PackageFeed();
        Assert.True(feed.Task().Execute());
        feed.BreakContentHash("native-all");
        Assert.False(feed.Task().Execute());
        Assert.Equal("PB0011", Assert.Single(feed.Engine.Errors).Code);
    }

    [Fact]
    public void A_package_no_source_has_is_PB0010_with_the_sources_and_the_way_out()
    {
        using var feed = new PackageFeed();
        File.Delete(feed.Nupkg("native-linux-x64"));
        Assert.False(feed.Task().Execute());
        var error = Assert.Single(feed.Engine.Errors);
        Assert.Equal("PB0010", error.Code);
        Assert.Contains($"closet ({feed.FeedFolder})", error.Message, StringComparison.Ordinal);
        Assert.Contains("<PackageDownload Include=\"native-linux-x64\" Version=\"[1.0.0]\" />", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unreachable_source_is_named_with_its_trouble()
    {
        using var feed = new PackageFeed(extraSources: """<add key="moon" value="https://127.0.0.1:9/index.json" />""");
        File.Delete(feed.Nupkg("native-all"));
        Assert.False(feed.Task().Execute());
        var error = Assert.Single(feed.Engine.Errors);
        Assert.Equal("PB0010", error.Code);
        Assert.Contains("moon (https://127.0.0.1:9/index.json): ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(-30)]
    public void A_source_with_a_damaged_package_is_named_with_its_trouble(int length)
    {
        using var feed = new PackageFeed();
        using (var nupkg = File.OpenWrite(feed.Nupkg("native-all")))
            nupkg.SetLength(length >= 0 ? length : nupkg.Length + length);
        Assert.False(feed.Task().Execute());
        var error = Assert.Single(feed.Engine.Errors);
        Assert.Equal("PB0010", error.Code);
        Assert.Contains($"closet ({feed.FeedFolder}): ", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(feed.GlobalFolder, "native-all", "1.0.0")));
    }

    [Fact]
    public void A_source_that_is_no_feed_is_named_with_its_trouble()
    {
        using var feed = new PackageFeed(extraSources: """<add key="page" value="page.html" />""");
        feed.Folder.Write("app/page.html", "<html/>");
        File.Delete(feed.Nupkg("native-all"));
        Assert.False(feed.Task().Execute());
        var error = Assert.Single(feed.Engine.Errors);
        Assert.Equal("PB0010", error.Code);
        Assert.Contains("page (", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[1]")]
    public void An_installed_package_whose_record_is_damaged_is_not_used(string record)
    {
        using var feed = new PackageFeed();
        Assert.True(feed.Task().Execute());
        File.WriteAllText(Path.Combine(feed.GlobalFolder, "native-all", "1.0.0", ".nupkg.metadata"), record);
        Assert.False(feed.Task().Execute());
        Assert.Equal("PB0011", Assert.Single(feed.Engine.Errors).Code);
    }

    [Fact]
    public void Source_mapping_is_respected()
    {
        using var feed = new PackageFeed(
            """<packageSourceMapping><packageSource key="closet"><package pattern="Other.*" /></packageSource></packageSourceMapping>""");
        Assert.False(feed.Task().Execute());
        var error = Assert.Single(feed.Engine.Errors);
        Assert.Equal("PB0010", error.Code);
        Assert.DoesNotContain("closet", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_permission_to_download_a_missing_package_is_PB0010()
    {
        using var feed = new PackageFeed();
        var task = feed.Task();
        task.Download = false;
        Assert.False(task.Execute());
        Assert.Equal("PB0010", Assert.Single(feed.Engine.Errors).Code);
        Assert.False(Directory.Exists(feed.GlobalFolder));
    }

    [Fact]
    public void A_tool_packs_folder_replaces_everything_else()
    {
        using var feed = new PackageFeed();
        Assert.True(feed.Task().Execute());
        Directory.Move(feed.GlobalFolder, feed.Folder.Path("app", "packs"));
        var task = feed.Task();
        task.ToolPacksFolder = "packs";
        Assert.True(task.Execute());
        Assert.Contains(feed.Folder.Path("app", "packs"), File.ReadAllText(feed.NativesFile), StringComparison.Ordinal);
        Assert.False(Directory.Exists(feed.GlobalFolder));
    }

    [Fact]
    public void An_incomplete_tool_packs_folder_is_PB0014()
    {
        using var feed = new PackageFeed();
        Assert.True(feed.Task().Execute());
        File.Delete(Path.Combine(feed.GlobalFolder, "native-linux-x64", "1.0.0", ".nupkg.metadata"));
        var task = feed.Task();
        task.ToolPacksFolder = feed.GlobalFolder;
        Assert.False(task.Execute());
        Assert.Equal("PB0014", Assert.Single(feed.Engine.Errors).Code);
    }

    [Fact]
    public async Task Acquisitions_at_the_same_time_all_succeed()
    {
        using var feed = new PackageFeed();
        var tasks = Enumerable.Range(0, 4).Select(_ => feed.Task()).ToList();
        var results = await Task.WhenAll(tasks.Select(task => Task.Run(task.Execute)));
        Assert.All(results, Assert.True);
        Assert.True(File.Exists(Path.Combine(feed.GlobalFolder, "native-all", "1.0.0", ".nupkg.metadata")));
    }

    [Fact]
    public void A_build_host_without_packages_is_PB0002()
    {
        using var feed = new PackageFeed();
        Assert.False(feed.Task("linux-arm64").Execute());
        Assert.Equal("PB0002", Assert.Single(feed.Engine.Errors).Code);
    }

    [Fact]
    public void A_canceled_acquisition_is_PB9003()
    {
        using var feed = new PackageFeed();
        using var task = feed.Task();
        task.Cancel();
        Assert.False(task.Execute());
        Assert.Equal("PB9003", Assert.Single(feed.Engine.Errors).Code);
    }

    [Fact]
    public void A_broken_nuget_config_is_PB0015()
    {
        using var feed = new PackageFeed();
        feed.Folder.Write("app/nuget.config", "<configuration><packageSources>");
        Assert.False(feed.Task().Execute());
        Assert.Equal("PB0015", Assert.Single(feed.Engine.Errors).Code);
    }
}
