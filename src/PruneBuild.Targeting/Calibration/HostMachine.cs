using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace PruneBuild.Targeting.Calibration;

/// <summary>What the operating system says about this machine.</summary>
public static class HostMachine
{
    private static readonly string[] MacCaches = ["hw.l3cachesize", "hw.perflevel0.l2cachesize", "hw.l2cachesize"];

    /// <summary>The RID that an app for this machine is built for.</summary>
    public static string Rid { get; } =
        (OperatingSystem.IsWindows() ? "win-" : OperatingSystem.IsMacOS() ? "osx-" : "linux-")
        + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>The processor, or its architecture where nothing is said.</summary>
    public static string CpuName() => Text(
        OperatingSystem.IsWindows() ? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
        : OperatingSystem.IsMacOS() ? Sysctl("machdep.cpu.brand_string")
        : LinuxName()) ?? $"an {RuntimeInformation.ProcessArchitecture} CPU";

    /// <summary>Size of the last cache before main memory, or null where nothing is said.</summary>
    public static long? LastLevelCacheBytes() =>
        OperatingSystem.IsWindows() ? WindowsCaches.Largest()
        : OperatingSystem.IsMacOS() ? MacCache()
        : LinuxCache("/sys/devices/system/cpu/cpu0/cache");

    /// <summary>The cache of the highest level that a folder of <c>sysfs</c> describes.</summary>
    internal static long? LinuxCache(string folder)
    {
        if (!Directory.Exists(folder))
            return null;
        return Directory.EnumerateDirectories(folder, "index*")
            .Select(index => (Level: Read(index, "level"), Size: Bytes(Read(index, "size"))))
            .Where(cache => cache.Size is not null)
            .OrderByDescending(cache => cache.Level, StringComparer.Ordinal)
            .Select(cache => cache.Size)
            .FirstOrDefault();
    }

    private static string? Read(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    /// <summary>A size as <c>sysfs</c> writes it: <c>8192K</c>.</summary>
    private static long? Bytes(string? text)
    {
        if (text is null)
            return null;
        var unit = text[^1] switch { 'K' => 1L << 10, 'M' => 1L << 20, _ => 1 };
        return long.TryParse(text.TrimEnd('K', 'M'), NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 ? size * unit : null;
    }

    private static string? LinuxName()
    {
        // Boards say what they are in the device tree; x64 says it in cpuinfo.
        const string board = "/proc/device-tree/model";
        if (File.Exists(board))
            return File.ReadAllText(board).TrimEnd('\0');
        const string cpus = "/proc/cpuinfo";
        return !File.Exists(cpus) ? null : File.ReadLines(cpus)
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1];
    }

    private static long? MacCache() => MacCaches
        .Select(name => long.TryParse(Sysctl(name), CultureInfo.InvariantCulture, out var size) && size > 0 ? size : (long?)null)
        .FirstOrDefault(size => size is not null);

    private static string? Sysctl(string name)
    {
        using var process = Process.Start(new ProcessStartInfo("sysctl", ["-n", name]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? text.Trim() : null;
    }

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
