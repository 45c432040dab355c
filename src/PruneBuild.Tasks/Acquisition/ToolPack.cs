using NuGet.Packaging.Core;
using NuGet.Versioning;

namespace PruneBuild.Tasks.Acquisition;

/// <summary>A NuGet package with native libraries of the build host.</summary>
/// <param name="Id">The package's id, in lower case.</param>
/// <param name="Version">The exact version.</param>
/// <param name="ContentHash">Its content hash as NuGet records it in <c>.nupkg.metadata</c> and lock files (SHA-512, base64).</param>
internal sealed record ToolPack(string Id, string Version, string ContentHash)
{
    public PackageIdentity Identity { get; } = new(Id, NuGetVersion.Parse(Version));

    /// <summary>What a user adds to a project to have restore fetch the package ahead of an offline build.</summary>
    public string DownloadSnippet => $"<PackageDownload Include=\"{Id}\" Version=\"[{Version}]\" />";
}
