using System.IO.Enumeration;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>
/// Files inside a folder by a pattern: <c>*</c> and <c>?</c> stand for characters of one name, <c>**</c> for any number of folders.
/// Links to folders are not followed.
/// </summary>
internal static class FilePattern
{
    public static bool IsPattern(string name) => name.Contains('*') || name.Contains('?');

    /// <summary>Names relative to the folder, with '/', in ordinal order. Parts that climb up match nothing.</summary>
    public static IReadOnlyList<string> Match(string folder, string pattern)
    {
        var parts = pattern.Replace('\\', '/').Split('/');
        return [.. Match(folder, "", parts).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Match(string folder, string prefix, ArraySegment<string> parts)
    {
        var here = Path.Combine(folder, prefix);
        if (parts.Count == 0 || parts[0] is "" or "." or ".." || !Directory.Exists(here)) return [];
        if (parts[0] == "**")
        {
            var deeper = Folders(here).SelectMany(name => Match(folder, $"{prefix}{name}/", parts));
            return parts.Count == 1 ? [] : Match(folder, prefix, parts[1..]).Concat(deeper);
        }
        bool Fits(string name) => FileSystemName.MatchesSimpleExpression(parts[0], name, ignoreCase: false);
        return parts.Count == 1
            ? Directory.EnumerateFiles(here).Select(file => Path.GetFileName(file)).Where(Fits).Select(name => prefix + name)
            : Folders(here).Where(Fits).SelectMany(name => Match(folder, $"{prefix}{name}/", parts[1..]));
    }

    private static IEnumerable<string> Folders(string folder) =>
        new DirectoryInfo(folder).EnumerateDirectories().Where(one => one.LinkTarget is null).Select(one => one.Name);
}
