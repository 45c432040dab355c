using System.IO.Compression;
using System.Xml.Linq;
using PruneBuild.Tests;

namespace PruneBuild.Package.Tests.Infrastructure;

/// <summary>What is in a package, without what NuGet adds to every one.</summary>
internal sealed class OpenedPackage
{
    private readonly Dictionary<string, string> texts;
    private readonly string nuspec;

    public OpenedPackage(string nupkg, string id)
    {
        nuspec = $"{id}.nuspec";
        using var archive = ZipFile.OpenRead(nupkg);
        texts = archive.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var reader = new StreamReader(entry.Open());
            return reader.ReadToEnd();
        });
    }

    /// <summary>Its files in order.</summary>
    public IEnumerable<string> Files => texts.Keys.Where(file => !IsEnvelope(file)).Order(StringComparer.Ordinal);

    /// <summary>What it says about itself.</summary>
    public XDocument Nuspec => XDocument.Parse(texts[nuspec]);

    /// <summary>What it brings along.</summary>
    public IEnumerable<XElement> Dependencies => Nuspec.Descendants().Where(element => element.Name.LocalName == "dependency");

    /// <summary>A file as text.</summary>
    public string Text(string file) => texts[file];

    /// <summary>The version of a package that this repository builds with.</summary>
    public static string CentralVersion(string package) =>
        XDocument.Load(Path.Combine(OnnxRuntimeNative.RepositoryRoot, "Directory.Packages.props"))
            .Descendants("PackageVersion").Single(version => version.Attribute("Include")!.Value == package).Attribute("Version")!.Value;

    private bool IsEnvelope(string file) =>
        file == "[Content_Types].xml" || file == nuspec || file.StartsWith("_rels/", StringComparison.Ordinal) || file.StartsWith("package/", StringComparison.Ordinal);
}
