namespace PruneBuild.Graph;

/// <summary>Files that another file names: they must lie in its folder.</summary>
internal static class ContainedPath
{
    /// <summary>The path of a file that is named relative to a folder, as it is written and with links resolved; null when it leaves the folder.</summary>
    /// <param name="folder">Absolute.</param>
    /// <param name="location">Either slash separates.</param>
    public static (string Path, string Real)? Resolve(string folder, string location)
    {
        if (Path.IsPathRooted(location) || location.AsSpan().IndexOfAny(':', '\0') >= 0 || location.Split('/', '\\').Contains("..", StringComparer.Ordinal))
            return null;
        var path = Path.GetFullPath(Path.Combine(folder, location.Replace('\\', '/')));
        // A link is followed before it is trusted: the file it names must lie in the folder as well.
        return Canonical(path) is { } real && Canonical(folder) is { } realFolder
            && real.StartsWith(Path.TrimEndingDirectorySeparator(realFolder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
                ? (path, real)
                : null;
    }

    /// <summary>The path with every link resolved, also the links inside link targets; null when they go in circles.</summary>
    private static string? Canonical(string path)
    {
        const int mostLinks = 40;
        var real = Path.GetPathRoot(path)!;
        var pending = new Stack<string>();
        Push(path[real.Length..]);
        for (var links = 0; pending.TryPop(out var part);)
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }
            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }
            if (++links > mostLinks)
                return null;
            var root = Path.GetPathRoot(target) ?? "";
            if (root.Length > 0)
                real = root;
            Push(target[root.Length..]);
        }
        return real;

        void Push(string relative)
        {
            foreach (var part in relative.Split(['/', Path.DirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Reverse())
                if (part != ".")
                    pending.Push(part);
        }
    }
}
