using System.Security.Cryptography;

namespace PruneBuild.Tests.EndToEnd;

/// <summary>The files of a folder, in the order of their names.</summary>
internal sealed record FolderState(IReadOnlyList<FileState> Files)
{
    public static FolderState Of(string folder) => new(
    [
        .. Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => FileState.Of(folder, file))
            : [],
    ]);

    /// <summary>Names and hashes, for folders whose files may differ in age.</summary>
    public IEnumerable<(string Path, string Sha256)> Contents => Files.Select(file => (file.Path, file.Sha256));
}

/// <summary>One file as it was.</summary>
internal sealed record FileState(string Path, long Bytes, DateTime Written, string Sha256)
{
    public static FileState Of(string folder, string file) => new(
        System.IO.Path.GetRelativePath(folder, file),
        new FileInfo(file).Length,
        File.GetLastWriteTimeUtc(file),
        Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))));
}
