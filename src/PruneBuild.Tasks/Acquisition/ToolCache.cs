namespace PruneBuild.Tasks.Acquisition;

/// <summary>The user's cache folder of PruneBuild, where each operating system expects one.</summary>
internal static class ToolCache
{
    public static string DefaultFolder()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsWindows())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "PruneBuild");
        if (OperatingSystem.IsMacOS())
            return Path.Combine(home, "Library", "Caches", "PruneBuild");
        var xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        return Path.Combine(Path.IsPathRooted(xdg) ? xdg : Path.Combine(home, ".cache"), "prunebuild");
    }
}
