using System.IO.Compression;
using System.Xml.Linq;
using PruneBuild.Package.Tests.Infrastructure;
using PruneBuild.Tests;

namespace PruneBuild.Package.Tests;

public sealed class RuntimePackageContent(PackedFeed feed)
{
    private readonly Dictionary<string, string> files = Read(feed.RuntimeNupkg);

    [Fact]
    public void The_package_holds_the_managed_library_its_documentation_its_targets_and_a_readme_and_nothing_else() => Assert.Equal(
        [
            "README.md", "buildTransitive/PruneBuild.Runtime.targets",
            "lib/net10.0/PruneBuild.Runtime.dll", "lib/net10.0/PruneBuild.Runtime.xml",
        ],
        files.Keys.Where(file => !IsEnvelope(file)).Order(StringComparer.Ordinal));

    [Fact]
    public void The_package_brings_ONNX_Runtime_along_without_its_build_assets()
    {
        var dependency = Dependencies().Single(dependency => dependency.Attribute("id")!.Value == "Microsoft.ML.OnnxRuntime");
        Assert.Equal(CentralVersion("Microsoft.ML.OnnxRuntime"), dependency.Attribute("version")!.Value);
        Assert.Contains("Build", dependency.Attribute("exclude")!.Value.Split(','));
        Assert.DoesNotContain("Native", dependency.Attribute("exclude")!.Value.Split(','));
    }

    [Fact]
    public void Nothing_of_PruneBuild_itself_reaches_the_application() => Assert.DoesNotContain(
        Dependencies(), dependency => dependency.Attribute("id")!.Value.StartsWith("PruneBuild", StringComparison.Ordinal));

    private IEnumerable<XElement> Dependencies() =>
        XDocument.Parse(files["PruneBuild.Runtime.nuspec"]).Descendants().Where(element => element.Name.LocalName == "dependency");

    private static string CentralVersion(string package) =>
        XDocument.Load(Path.Combine(OnnxRuntimeNative.RepositoryRoot, "Directory.Packages.props"))
            .Descendants("PackageVersion").Single(version => version.Attribute("Include")!.Value == package).Attribute("Version")!.Value;

    /// <summary>What NuGet adds to every package.</summary>
    private static bool IsEnvelope(string file) =>
        file is "[Content_Types].xml" or "PruneBuild.Runtime.nuspec" || file.StartsWith("_rels/", StringComparison.Ordinal)
        || file.StartsWith("package/", StringComparison.Ordinal);

    private static Dictionary<string, string> Read(string nupkg)
    {
        using var archive = ZipFile.OpenRead(nupkg);
        return archive.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var reader = new StreamReader(entry.Open());
            return reader.ReadToEnd();
        });
    }
}
