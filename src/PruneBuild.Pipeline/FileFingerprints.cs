using System.Security.Cryptography;
using Newtonsoft.Json;
using PruneBuild.Diagnostics;

namespace PruneBuild.Pipeline;

/// <summary>Identity of one input file.</summary>
/// <param name="Role">What it is to the build: model, external-data, recipe, harness, cases, calibration.</param>
/// <param name="Path">Absolute path.</param>
/// <param name="Length">Bytes.</param>
/// <param name="MtimeUtcTicks">Last write time, UTC ticks.</param>
/// <param name="Sha256">Content hash, lower-case hexadecimal.</param>
public sealed record FileFingerprint(string Role, string Path, long Length, long MtimeUtcTicks, string Sha256);

/// <summary>
/// Content hashes of the input files, remembered by (path, length, modification time) so that a large model is hashed once.
/// Every file asked for is recorded: the record is what the next build compares against.
/// </summary>
public sealed class FileFingerprints
{
    private readonly string memoPath;
    private readonly Dictionary<string, FileFingerprint> memo;
    private readonly OrderedDictionary<string, FileFingerprint> used = new(StringComparer.Ordinal);

    /// <param name="memoPath">File that keeps the hashes between builds; damaged content is ignored.</param>
    public FileFingerprints(string memoPath)
    {
        this.memoPath = memoPath;
        memo = ReadMemo(memoPath).ToDictionary(entry => entry.Path, StringComparer.Ordinal);
    }

    /// <summary>The files asked for so far, in order.</summary>
    public IReadOnlyList<FileFingerprint> Used => [.. used.Values];

    /// <summary>The fingerprint of a file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public FileFingerprint Of(string path, string role)
    {
        if (used.TryGetValue(path, out var known))
            return known;
        var info = new FileInfo(path);
        var (length, ticks) = (info.Length, info.LastWriteTimeUtc.Ticks);
        var fingerprint = memo.TryGetValue(path, out var old) && (old.Length, old.MtimeUtcTicks) == (length, ticks)
            ? old with { Role = role }
            : new FileFingerprint(role, path, length, ticks, Hash(path));
        used.Add(path, fingerprint);
        return memo[path] = fingerprint;
    }

    /// <summary>Keeps the hashes for the next build. They are only a short cut: a failure to write them is none of the build.</summary>
    public void SaveMemo()
    {
        try
        {
            AtomicFile.WriteText(memoPath, JsonConvert.SerializeObject(
                memo.Values.OrderBy(entry => entry.Path, StringComparer.Ordinal), Formatting.Indented));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            memo.Clear();
        }
    }

    /// <summary>SHA-256 of a file, streamed.</summary>
    public static string Hash(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static IEnumerable<FileFingerprint> ReadMemo(string path)
    {
        try
        {
            return File.Exists(path)
                ? JsonConvert.DeserializeObject<List<FileFingerprint>>(File.ReadAllText(path))?.Where(entry => entry?.Path is not null && entry.Sha256 is not null) ?? []
                : [];
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            // A memo is only a short cut: without it the files are hashed again.
            return [];
        }
    }
}
