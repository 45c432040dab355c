using System.Diagnostics;
using System.Globalization;

namespace PruneBuild.Benchmarks.LargeModel;

/// <summary>The largest resident memory of this process since it began, mapped file pages included.</summary>
internal static class PeakMemory
{
    private const string Status = "/proc/self/status";

    public static long Bytes()
    {
        if (!File.Exists(Status))
            return Process.GetCurrentProcess().PeakWorkingSet64;
        var line = File.ReadLines(Status).First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        var kilobytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1];
        return long.Parse(kilobytes, CultureInfo.InvariantCulture) * 1024;
    }
}
