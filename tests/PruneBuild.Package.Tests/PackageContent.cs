using System.IO.Compression;
using PruneBuild.Package.Tests.Infrastructure;

namespace PruneBuild.Package.Tests;

public sealed class PackageContent(PackedFeed feed)
{
    private readonly IReadOnlyList<string> files = Files(feed.PruneBuildNupkg);

    [Theory]
    [InlineData("build/PruneBuild.props")]
    [InlineData("build/PruneBuild.targets")]
    [InlineData("build/PruneBuild.Packs.props")]
    [InlineData("buildMultiTargeting/PruneBuild.props")]
    [InlineData("tasks/net10.0/PruneBuild.Tasks.dll")]
    [InlineData("tasks/net10.0/PruneBuild.Tasks.deps.json")]
    [InlineData("tasks/net10.0/NuGet.Protocol.dll")]
    [InlineData("worker/net10.0/prunebuild.dll")]
    [InlineData("worker/net10.0/prunebuild.deps.json")]
    [InlineData("worker/net10.0/prunebuild.runtimeconfig.json")]
    [InlineData("README.md")]
    public void The_package_holds(string file) => Assert.Contains(file, files);

    [Fact]
    public void The_package_brings_no_native_library_no_MSBuild_assembly_and_no_reference_of_the_application()
    {
        Assert.DoesNotContain(files, file => Path.GetExtension(file) is ".so" or ".dylib" or ".lib");
        Assert.DoesNotContain(files, file => file.StartsWith("worker/net10.0/runtimes/", StringComparison.Ordinal));
        Assert.DoesNotContain(files, file => Path.GetFileName(file).StartsWith("Microsoft.Build", StringComparison.Ordinal));
        Assert.DoesNotContain(files, file => file.StartsWith("lib/", StringComparison.Ordinal));
    }

    [Fact]
    public void The_package_stays_below_15_MB() => Assert.InRange(new FileInfo(feed.PruneBuildNupkg).Length, 1, 15_000_000);

    [Fact]
    public void Every_error_code_has_its_help_page()
    {
        var pages = files.Where(file => file.StartsWith("docs/codes/", StringComparison.Ordinal)).Select(Path.GetFileNameWithoutExtension);
        Assert.Empty(Diagnostics.Codes.All.Except(pages!));
    }

    private static List<string> Files(string nupkg)
    {
        using var archive = ZipFile.OpenRead(nupkg);
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }
}
