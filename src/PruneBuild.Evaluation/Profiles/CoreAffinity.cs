using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace PruneBuild.Evaluation.Profiles;

/// <summary>Which cores the calling thread runs on; a process that it starts inherits them.</summary>
internal static class CoreAffinity
{
    private const int BitsOfWord = 64;

    /// <summary>Confines the calling thread.</summary>
    /// <param name="cores">Numbers of cores.</param>
    /// <returns>Null, or why it was refused.</returns>
    [SupportedOSPlatform("linux")]
    public static string? TrySet(IReadOnlyList<int> cores)
    {
        var mask = new ulong[(cores.Max() / BitsOfWord) + 1];
        foreach (var core in cores) mask[core / BitsOfWord] |= 1UL << (core % BitsOfWord);
        if (sched_setaffinity(0, (nuint)(mask.Length * sizeof(ulong)), mask) == 0) return null;
        return $"sched_setaffinity: {Marshal.GetLastPInvokeErrorMessage()}";
    }

#pragma warning disable SYSLIB1054 // Use LibraryImport: it needs unsafe code, and this signature is blittable.
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int sched_setaffinity(int thread, nuint bytes, ulong[] mask);
#pragma warning restore SYSLIB1054
}
