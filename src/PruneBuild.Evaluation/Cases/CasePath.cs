using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>Paths that a harness names. They stay inside its folder, so that the folder is the whole ground truth.</summary>
public static class CasePath
{
    // As in the Linux kernel. Deeper means a circle, which is inside no folder.
    private const int DeepestLink = 40;

    /// <summary>The full path of a file that is named relative to a folder. Both slashes separate; links are followed.</summary>
    /// <param name="folder">The folder that must contain it.</param>
    /// <param name="name">The name as written by the user.</param>
    /// <param name="namedAt">Where it is written.</param>
    /// <exception cref="PruneBuildException">PB1035 when it is absolute or leaves the folder, also through a symbolic link.</exception>
    public static string Resolve(string folder, string name, SourceLocation namedAt) =>
        Find(folder, name) ?? throw namedAt.Error("PB1035", name);

    /// <summary>As <see cref="Resolve"/>; null where that fails.</summary>
    public static string? Find(string folder, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var portable = name.Replace('\\', '/');
        var hasDrive = portable.Length > 1 && portable[1] == ':' && char.IsAsciiLetter(portable[0]);
        if (hasDrive || portable.StartsWith('/') || portable.Contains('\0')) return null;
        var full = Path.GetFullPath(Path.Combine(Path.GetFullPath(folder), portable));
        return IsInside(folder, full) && IsInside(FollowLinks(folder), FollowLinks(full)) ? full : null;
    }

    private static bool IsInside(string folder, string path) =>
        path.StartsWith(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string FollowLinks(string path, int depth = 0)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var parent = Path.GetDirectoryName(path);
        if (parent is null) return path;
        if (depth > DeepestLink) return Path.GetPathRoot(path)!;
        var here = Path.Combine(FollowLinks(parent, depth), Path.GetFileName(path));
        var link = new FileInfo(here);
        return link.LinkTarget is null ? here : FollowLinks(link.ResolveLinkTarget(returnFinalTarget: false)!.FullName, depth + 1);
    }
}
