using System.Xml.Linq;
using NuGet.Packaging;
using PruneBuild.Diagnostics;
using PruneBuild.Tests;

namespace PruneBuild.Tasks.Tests;

/// <summary>Facts that are written down twice, because one of the places cannot read the other.</summary>
public sealed class ShippedFilesTests
{
    private static readonly string BuildFolder = Path.Combine(OnnxRuntimeNative.RepositoryRoot, "build");

    private static readonly List<XElement> Packs =
        [.. XDocument.Load(Path.Combine(BuildFolder, "PruneBuild.Packs.props")).Descendants("PruneBuildToolPack")];

    [Theory]
    [InlineData("PB0001", "18 or later", "$(_PruneBuildMSBuildVersion)")]
    [InlineData("PB6001", "native library", "$(RuntimeIdentifier)", "linux-x64, linux-arm64, win-x64, win-arm64, osx-arm64")]
    public void An_error_that_the_targets_raise_themselves_has_the_sentence_of_its_code(string code, string excerpt, params string[] arguments)
    {
        var text = XDocument.Load(Path.Combine(BuildFolder, "PruneBuild.targets")).Descendants("Error")
            .Single(error => error.Attribute("Code")!.Value == code).Attribute("Text")!.Value;
        Assert.Equal(Codes.Format(code, arguments), text);
        Assert.Contains(excerpt, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("torchsharp", "TorchSharp")]
    [InlineData("microsoft.ml.onnxruntime", "Microsoft.ML.OnnxRuntime")]
    public void A_pinned_pack_has_the_version_that_the_worker_is_built_against(string pack, string package)
    {
        var central = XDocument.Load(Path.Combine(OnnxRuntimeNative.RepositoryRoot, "Directory.Packages.props"))
            .Descendants("PackageVersion").Single(version => version.Attribute("Include")!.Value == package);
        Assert.Equal(
            central.Attribute("Version")!.Value,
            Packs.Single(item => item.Attribute("Include")!.Value == pack).Attribute("Version")!.Value);
    }

    [Fact]
    public void Every_pin_that_this_machine_can_check_is_the_content_hash_that_NuGet_recorded()
    {
        var present = Packs
            .Select(pack => (Pin: pack.Attribute("ContentHash")!.Value, Metadata: Metadata(pack)))
            .Where(pack => File.Exists(pack.Metadata))
            .ToList();
        Assert.NotEmpty(present);
        Assert.All(present, pack => Assert.Equal(NupkgMetadataFileFormat.Read(pack.Metadata).ContentHash, pack.Pin));
    }

    private static string Metadata(XElement pack) => Path.Combine(
        OnnxRuntimeNative.PackagesFolder, pack.Attribute("Include")!.Value, pack.Attribute("Version")!.Value, ".nupkg.metadata");
}
