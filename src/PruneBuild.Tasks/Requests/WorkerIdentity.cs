using System.Security.Cryptography;
using System.Text;
using PruneBuild.Diagnostics;

namespace PruneBuild.Tasks.Requests;

/// <summary>What tells one build of the worker from another.</summary>
internal static class WorkerIdentity
{
    /// <summary>
    /// SHA-256 over our own assemblies and the dependency list, which names every other assembly with its version.
    /// About 2 MB: cheap enough for every build, and independent of timestamps, which package extraction changes.
    /// </summary>
    /// <exception cref="PruneBuildException">PB9006: there is no worker in the folder.</exception>
    public static string Hash(string workerFolder)
    {
        if (!File.Exists(Path.Combine(workerFolder, "prunebuild.dll")))
            throw new PruneBuildException("PB9006", $"'{Path.Combine(workerFolder, "prunebuild.dll")}' does not exist.");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var files = Directory.EnumerateFiles(workerFolder, "*", new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive })
            .Where(IsOurs)
            .OrderBy(Path.GetFileName, StringComparer.Ordinal);
        foreach (var file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file)));
            hash.AppendData(File.ReadAllBytes(file));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static bool IsOurs(string path)
    {
        var name = Path.GetFileName(path);
        return name.StartsWith("prunebuild", StringComparison.OrdinalIgnoreCase)
            && (name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".deps.json", StringComparison.OrdinalIgnoreCase));
    }
}
