using NuGet.Configuration;

namespace PruneBuild.Tasks.Acquisition;

/// <summary>Where packages come from and go to, as the user's NuGet configuration says.</summary>
/// <param name="Settings">The merged nuget.config files of the project.</param>
/// <param name="LocalFolders">Folders to look in, in order: fallback folders, then the global packages folder.</param>
/// <param name="InstallFolder">The global packages folder.</param>
internal sealed record PackageSources(ISettings Settings, IReadOnlyList<PackageFolder> LocalFolders, PackageFolder InstallFolder)
{
    private readonly PackageSourceMapping mapping = PackageSourceMapping.GetPackageSourceMapping(Settings);

    /// <summary>Reads the configuration that applies to a project.</summary>
    /// <param name="projectDirectory">The project's folder.</param>
    /// <param name="configFile">The only file to read (RestoreConfigFile), or null for all that apply.</param>
    /// <param name="restoredFolders">The folders that the project's own restore used, the global packages folder first; may be empty.</param>
    public static PackageSources Load(string projectDirectory, string? configFile, IReadOnlyList<string> restoredFolders)
    {
        var settings = string.IsNullOrEmpty(configFile)
            ? NuGet.Configuration.Settings.LoadDefaultSettings(projectDirectory)
            : NuGet.Configuration.Settings.LoadSpecificSettings(Path.GetDirectoryName(configFile)!, Path.GetFileName(configFile));
        var install = Path.TrimEndingDirectorySeparator(
            restoredFolders.Count > 0 ? restoredFolders[0] : SettingsUtility.GetGlobalPackagesFolder(settings));
        var fallbacks = restoredFolders
            .Concat(SettingsUtility.GetFallbackPackageFolders(settings))
            .Select(Path.TrimEndingDirectorySeparator)
            .Except([install], StringComparer.Ordinal);
        var folders = fallbacks.Append(install).Select(path => new PackageFolder(path)).ToList();
        return new PackageSources(settings, folders, folders[^1]);
    }

    /// <summary>The enabled sources that package source mapping allows for a package.</summary>
    public IReadOnlyList<PackageSource> For(ToolPack pack)
    {
        var enabled = SettingsUtility.GetEnabledSources(Settings).ToList();
        if (!mapping.IsEnabled)
            return enabled;
        var allowed = mapping.GetConfiguredPackageSources(pack.Id);
        return [.. enabled.Where(source => allowed.Contains(source.Name, StringComparer.OrdinalIgnoreCase))];
    }
}
