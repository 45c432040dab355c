using System.Globalization;

namespace PruneBuild.Tasks.Worker;

/// <summary>
/// How many processes Linux has ended for lack of memory since boot, containers included. A process that ends by signal 9 while
/// this number grows ran out of memory; otherwise somebody killed it.
/// </summary>
internal static class KernelOutOfMemoryKills
{
    private const string CounterFile = "/proc/vmstat";
    private const string CounterName = "oom_kill ";

    /// <summary>The count; 0 where the system does not tell.</summary>
    public static long Count()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(CounterFile))
            return 0;
        var line = File.ReadLines(CounterFile).FirstOrDefault(line => line.StartsWith(CounterName, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.AsSpan(CounterName.Length), CultureInfo.InvariantCulture);
    }
}
