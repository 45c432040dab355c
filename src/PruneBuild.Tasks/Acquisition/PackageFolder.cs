using Newtonsoft.Json;
using NuGet.Packaging;
using PruneBuild.Diagnostics;

namespace PruneBuild.Tasks.Acquisition;

/// <summary>A folder in the layout of NuGet's global packages folder.</summary>
internal sealed class PackageFolder(string path)
{
    private readonly VersionFolderPathResolver resolver = new(path);

    public string Path { get; } = path;

    /// <summary>NuGet writes this file last, so it tells a whole package from half of one.</summary>
    public string MarkerFile(ToolPack pack) => resolver.GetNupkgMetadataPath(pack.Identity.Id, pack.Identity.Version);

    /// <summary>The package's folder, or null when the package is not (completely) there.</summary>
    /// <exception cref="PruneBuildException">PB0011: it is there with another content hash.</exception>
    public string? Find(ToolPack pack)
    {
        var marker = MarkerFile(pack);
        if (!File.Exists(marker))
            return null;
        var contentHash = ContentHash(marker);
        if (contentHash != pack.ContentHash)
            throw new PruneBuildException("PB0011", pack.Id, pack.Version, contentHash, pack.ContentHash);
        return resolver.GetInstallPath(pack.Identity.Id, pack.Identity.Version);
    }

    private static string ContentHash(string marker)
    {
        try
        {
            return NupkgMetadataFileFormat.Read(marker).ContentHash ?? Damaged(marker);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException)
        {
            return Damaged(marker);
        }
    }

    private static string Damaged(string marker) => $"(none, because '{marker}' is damaged)";
}
