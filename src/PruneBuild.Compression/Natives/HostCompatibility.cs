using System.Runtime.InteropServices;
using System.Security.Cryptography;
using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Natives;

/// <summary>Decides whether this host can load LibTorchSharp as it is, and prepares the rewritten private copy when it cannot.</summary>
internal static class HostCompatibility
{
    private const string MapsFile = "/proc/self/maps";
    private const string StandardLibrary = "libstdc++.so.6";

    /// <summary>The path to load: the library itself, or its rewritten copy in <paramref name="cacheFolder"/>.</summary>
    /// <exception cref="PruneBuildException">PB0012: the host lacks versions that no rewrite can stand in for.</exception>
    public static string Loadable(string library, string cacheFolder)
    {
        if (!OperatingSystem.IsLinux())
            return library;
        var bytes = File.ReadAllBytes(library);
        var missing = Missing(library, bytes);
        if (missing.Count == 0)
            return library;
        if (missing is not [{ File: StandardLibrary, Version: SymbolVersions.RewritableVersion }])
        {
            throw new PruneBuildException("PB0012", string.Join(", ", missing.Select(need => need.Version)), Path.GetFileName(library));
        }

        return PrivateCopy(bytes, Path.GetFileName(library), cacheFolder);
    }

    /// <summary>The strong version needs that the loaded libraries of this process do not meet.</summary>
    private static List<RequiredVersion> Missing(string library, byte[] bytes)
    {
        IReadOnlyList<RequiredVersion> required;
        try
        {
            required = SymbolVersions.Required(bytes);
        }
        catch (InvalidDataException reason)
        {
            throw new PruneBuildException(Diagnostic.Create("PB0013", Severity.Error, library, reason.Message), reason);
        }

        NativeLibrary.TryLoad(StandardLibrary, out _);
        var provided = new Dictionary<string, IReadOnlySet<string>?>(StringComparer.Ordinal);
        var missing = new List<RequiredVersion>();
        foreach (var need in required.Where(need => !need.Weak))
        {
            if (!provided.TryGetValue(need.File, out var versions))
                provided[need.File] = versions = ProvidedBy(need.File);
            // A library that is not loaded yet, or that has no versions, is the loader's to judge.
            if (versions is { Count: > 0 } && !versions.Contains(need.Version))
                missing.Add(need);
        }

        return missing;
    }

    private static IReadOnlySet<string>? ProvidedBy(string file)
    {
        var path = File.ReadLines(MapsFile)
            .Select(line => line.IndexOf('/') is >= 0 and var start ? line[start..] : "")
            .FirstOrDefault(path => IsVersionOf(Path.GetFileName(path), file));
        return path is null || !File.Exists(path) ? null : SymbolVersions.Provided(File.ReadAllBytes(path));
    }

    // The maps name the real file: libstdc++.so.6 is mapped as libstdc++.so.6.0.30.
    private static bool IsVersionOf(string mapped, string file) =>
        mapped == file || mapped.StartsWith(file + ".", StringComparison.Ordinal);

    private static string PrivateCopy(byte[] original, string name, string cacheFolder)
    {
        var folder = Path.Combine(cacheFolder, Convert.ToHexStringLower(SHA256.HashData(original))[..16]);
        var path = Path.Combine(folder, name);
        var rewritten = SymbolVersions.Rewrite(original);
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(rewritten))
            return path;
        Directory.CreateDirectory(folder);
        // Two builds may do this at once: both write the same bytes, and a move replaces whole files only.
        var temporary = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}.tmp";
        File.WriteAllBytes(temporary, rewritten);
        File.Move(temporary, path, overwrite: true);
        return path;
    }
}
