using Microsoft.Build.Framework;
using NuGet.Configuration;
using PruneBuild.Diagnostics;
using PruneBuild.Tasks.Acquisition;

namespace PruneBuild.Tasks;

/// <summary>
/// Makes sure that the native libraries the worker needs on the build host are in a packages folder, and writes down where.
/// They come from the user's own NuGet sources and never become part of the application.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class AcquireHostNatives : Microsoft.Build.Utilities.Task, ICancelableTask, IDisposable
{
    private readonly CancellationTokenSource cancellation = new();

    /// <summary>The packages: id, with Version, ContentHash and (for packages of one host) HostRid.</summary>
    [Required]
    public ITaskItem[] ToolPacks { get; set; } = [];

    /// <summary>The build host's runtime identifier.</summary>
    [Required]
    public string HostRid { get; set; } = "";

    /// <summary>The project, absolute.</summary>
    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>The file to write, absolute.</summary>
    [Required]
    public string NativesFile { get; set; } = "";

    /// <summary>The packages folders that the project's restore used, the global one first; empty to ask nuget.config.</summary>
    public string[] PackageFolders { get; set; } = [];

    /// <summary>The only nuget.config to read, or empty for all that apply to the project.</summary>
    public string? ConfigFile { get; set; }

    /// <summary>A folder in the layout of the global packages folder that holds all packages; no source is asked then.</summary>
    public string? ToolPacksFolder { get; set; }

    /// <summary>Whether missing packages may be downloaded.</summary>
    public bool Download { get; set; } = true;

    /// <summary>The user's tool cache; empty for the operating system's usual place.</summary>
    public string? CacheFolder { get; set; }

    /// <summary>The folder with one page per error code.</summary>
    public string? DocsFolder { get; set; }

    /// <inheritdoc/>
    public override bool Execute()
    {
        var log = new DiagnosticLog(Log, ProjectFile, DocsFolder);
        try
        {
            var packs = HostToolPacks.Select(ToolPacks, HostRid);
            var cacheFolder = string.IsNullOrEmpty(CacheFolder) ? ToolCache.DefaultFolder() : Path.GetFullPath(CacheFolder, ProjectDirectory);
            var packages = string.IsNullOrEmpty(ToolPacksFolder) ? Acquire(packs, cacheFolder) : FindAll(packs);
            new NativesFile(HostRid, packages, cacheFolder).Write(NativesFile);
            return true;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            log.Error("PB9003");
            return false;
        }
        catch (PruneBuildException e)
        {
            log.Report(e.Diagnostic);
            return false;
        }
        catch (NuGetConfigurationException e)
        {
            log.Error("PB0015", e.Message);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Error("PB6002", NativesFile, e.Message);
            return false;
        }
    }

    /// <inheritdoc/>
    public void Cancel() => cancellation.Cancel();

    /// <inheritdoc/>
    public void Dispose() => cancellation.Dispose();

    private string ProjectDirectory => Path.GetDirectoryName(ProjectFile)!;

    private SortedDictionary<string, string> Acquire(IReadOnlyList<ToolPack> packs, string cacheFolder)
    {
        var sources = PackageSources.Load(ProjectDirectory, ConfigFile, PackageFolders);
        var acquirer = new ToolPackAcquirer(
            sources, Path.Combine(cacheFolder, "downloads"), line => Log.LogMessage(MessageImportance.High, "{0}", line));
        var packages = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var pack in packs)
            packages[pack.Id] = acquirer.AcquireAsync(pack, Download, cancellation.Token).GetAwaiter().GetResult();
        return packages;
    }

    private SortedDictionary<string, string> FindAll(IReadOnlyList<ToolPack> packs)
    {
        var folder = new PackageFolder(Path.GetFullPath(ToolPacksFolder!, ProjectDirectory));
        var packages = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var pack in packs)
            packages[pack.Id] = folder.Find(pack) ?? throw new PruneBuildException("PB0014", folder.Path, $"{pack.Id}/{pack.Version}");
        return packages;
    }
}
