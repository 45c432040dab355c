using PruneBuild.Package.Tests.Infrastructure;

namespace PruneBuild.Package.Tests;

public sealed class RuntimeTextPackageContent(PackedFeed feed)
{
    private readonly OpenedPackage package = new(feed.RuntimeTextNupkg, "PruneBuild.Runtime.Text");

    [Fact]
    public void The_package_holds_the_managed_library_its_documentation_and_a_readme_and_nothing_else() => Assert.Equal(
        ["README.md", "lib/net10.0/PruneBuild.Runtime.Text.dll", "lib/net10.0/PruneBuild.Runtime.Text.xml"], package.Files);

    /// <summary>Those behind the first three come with them in any case; central pinning names them for the versions that were tested.</summary>
    [Fact]
    public void The_package_brings_the_runtime_of_its_own_version_tokenizers_and_the_chat_abstractions_and_nothing_else()
    {
        string[] direct = ["Microsoft.Extensions.AI.Abstractions", "Microsoft.ML.Tokenizers"], pinned = ["Google.Protobuf", "Microsoft.ML.OnnxRuntime.Managed", "System.Numerics.Tensors"];
        Assert.Equal(
            direct.Concat(pinned).Select(id => (id, OpenedPackage.CentralVersion(id))).Append(("PruneBuild.Runtime", feed.Version)).Order(),
            package.Dependencies.Select(dependency => (dependency.Attribute("id")!.Value, dependency.Attribute("version")!.Value)).Order());
    }

    [Fact]
    public void The_native_ONNX_Runtime_comes_along_with_the_runtime() => Assert.DoesNotContain(
        "Native", package.Dependencies.Single(dependency => dependency.Attribute("id")!.Value == "PruneBuild.Runtime").Attribute("exclude")?.Value.Split(',') ?? []);

    [Fact]
    public void The_readme_is_the_one_that_the_package_page_shows()
    {
        Assert.Equal("README.md", package.Nuspec.Descendants().Single(element => element.Name.LocalName == "readme").Value);
        Assert.StartsWith("# PruneBuild.Runtime.Text", package.Text("README.md"), StringComparison.Ordinal);
    }
}
