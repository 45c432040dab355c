using NuGet.Common;
using NuGet.Configuration;
using NuGet.Packaging;
using NuGet.Packaging.Signing;
using NuGet.Protocol;
using NuGet.Protocol.Core.Types;
using PruneBuild.Diagnostics;

namespace PruneBuild.Tasks.Acquisition;

/// <summary>
/// Finds tool packs in the folders NuGet already filled, and fetches the missing ones from the user's own sources into the global
/// packages folder. A package whose content hash is not the pinned one is never installed.
/// </summary>
/// <param name="sources">The user's NuGet configuration.</param>
/// <param name="downloadFolder">Where a package lies while its hash is checked.</param>
/// <param name="report">Receives one line per download.</param>
internal sealed class ToolPackAcquirer(PackageSources sources, string downloadFolder, Action<string> report)
{
    /// <summary>The package's folder.</summary>
    /// <param name="pack">The package.</param>
    /// <param name="mayDownload">Whether the sources may be asked.</param>
    /// <param name="cancellation">Ends a download.</param>
    /// <exception cref="PruneBuildException">PB0010: not found. PB0011: wrong content hash.</exception>
    public async Task<string> AcquireAsync(ToolPack pack, bool mayDownload, CancellationToken cancellation)
    {
        if (FindLocally(pack) is { } present)
            return present;
        if (!mayDownload)
            throw NotFound(pack, ["none (PruneBuildAcquireToolPacks is false)"]);

        // Two builds may come here at once: the second waits for the lock and then finds the package of the first. The lock has a
        // name of its own, because NuGet takes one on the package's path during extraction.
        return await ConcurrencyUtilities.ExecuteWithFileLockedAsync(
            sources.InstallFolder.MarkerFile(pack) + ".prunebuild",
            async token => FindLocally(pack) ?? await DownloadAsync(pack, token).ConfigureAwait(false),
            cancellation).ConfigureAwait(false);
    }

    private string? FindLocally(ToolPack pack) =>
        sources.LocalFolders.Select(folder => folder.Find(pack)).FirstOrDefault(path => path is not null);

    private async Task<string> DownloadAsync(ToolPack pack, CancellationToken cancellation)
    {
        var asked = new List<string>();
        using var cache = new SourceCacheContext { DirectDownload = true };
        foreach (var source in sources.For(pack))
        {
            try
            {
                report($"Fetching {pack.Id} {pack.Version} from {source.Name} (once per machine)");
                if (await TryInstallAsync(pack, source, cache, cancellation).ConfigureAwait(false))
                    return sources.InstallFolder.Find(pack) ?? throw NotFound(pack, [$"{source.Name} ({source.Source}): not installed"]);
                asked.Add($"{source.Name} ({source.Source})");
            }
            catch (Exception e) when (SourceTrouble.Is(e, cancellation))
            {
                // Another source may still have it; this one's trouble goes into the error if none has.
                asked.Add($"{source.Name} ({source.Source}): {e.Message.TrimEnd('.')}");
            }
        }
        throw NotFound(pack, asked.Count > 0 ? asked : ["none (no enabled source is mapped to this package)"]);
    }

    private async Task<bool> TryInstallAsync(ToolPack pack, PackageSource source, SourceCacheContext cache, CancellationToken cancellation)
    {
        var repository = Repository.Factory.GetCoreV3(source);
        var finder = await repository.GetResourceAsync<FindPackageByIdResource>(cancellation).ConfigureAwait(false)
            ?? throw new FatalProtocolException("it is not a package feed");
        Directory.CreateDirectory(downloadFolder);
        var file = new FileStream(
            Path.Combine(downloadFolder, $"{pack.Id}.{Guid.NewGuid():N}.nupkg"),
            FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        await using (file.ConfigureAwait(false))
        {
            var found = await finder
                .CopyNupkgToStreamAsync(pack.Identity.Id, pack.Identity.Version, file, cache, NullLogger.Instance, cancellation)
                .ConfigureAwait(false);
            if (!found)
                return false;
            CheckContentHash(pack, file, cancellation);
            await InstallAsync(pack, source, file, cancellation).ConfigureAwait(false);
            return true;
        }
    }

    private static void CheckContentHash(ToolPack pack, FileStream file, CancellationToken cancellation)
    {
        file.Position = 0;
        using var reader = new PackageArchiveReader(file, leaveStreamOpen: true);
        var contentHash = reader.GetContentHash(cancellation);
        if (contentHash != pack.ContentHash)
            throw new PruneBuildException("PB0011", pack.Id, pack.Version, contentHash, pack.ContentHash);
    }

    private async Task InstallAsync(ToolPack pack, PackageSource source, FileStream file, CancellationToken cancellation)
    {
        file.Position = 0;
        var clientPolicy = ClientPolicyContext.GetClientPolicy(sources.Settings, NullLogger.Instance);
        using var installed = await GlobalPackagesFolderUtility.AddPackageAsync(
            source.Source, pack.Identity, file, sources.InstallFolder.Path, Guid.Empty, clientPolicy, NullLogger.Instance, cancellation)
            .ConfigureAwait(false);
    }

    private static PruneBuildException NotFound(ToolPack pack, IEnumerable<string> asked) =>
        new("PB0010", pack.Id, pack.Version, string.Join("; ", asked), pack.DownloadSnippet);
}
