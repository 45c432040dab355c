using PruneBuild.Package.Tests.Infrastructure;

namespace PruneBuild.Package.Tests;

public sealed class RuntimePackageContent(PackedFeed feed)
{
    private readonly OpenedPackage package = new(feed.RuntimeNupkg, "PruneBuild.Runtime");

    [Fact]
    public void The_package_holds_the_managed_library_its_documentation_its_targets_and_a_readme_and_nothing_else() => Assert.Equal(
        [
            "README.md", "buildTransitive/PruneBuild.Runtime.targets",
            "lib/net10.0/PruneBuild.Runtime.dll", "lib/net10.0/PruneBuild.Runtime.xml",
        ],
        package.Files);

    [Fact]
    public void The_package_brings_ONNX_Runtime_along_without_its_build_assets()
    {
        var dependency = package.Dependencies.Single(dependency => dependency.Attribute("id")!.Value == "Microsoft.ML.OnnxRuntime");
        Assert.Equal(OpenedPackage.CentralVersion("Microsoft.ML.OnnxRuntime"), dependency.Attribute("version")!.Value);
        Assert.Contains("Build", dependency.Attribute("exclude")!.Value.Split(','));
        Assert.DoesNotContain("Native", dependency.Attribute("exclude")!.Value.Split(','));
    }

    [Fact]
    public void Nothing_of_PruneBuild_itself_reaches_the_application() => Assert.DoesNotContain(
        package.Dependencies, dependency => dependency.Attribute("id")!.Value.StartsWith("PruneBuild", StringComparison.Ordinal));
}
