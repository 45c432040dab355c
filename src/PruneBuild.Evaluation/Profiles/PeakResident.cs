using System.Globalization;

namespace PruneBuild.Evaluation.Profiles;

/// <summary>The largest resident memory of a process, mapped file pages included: <c>VmHWM</c> of Linux.</summary>
public static class PeakResident
{
    private const string Own = "/proc/self";

    /// <summary>The peak of a process in bytes; null where the system does not say it or the process is gone.</summary>
    public static long? Of(int processId) => Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}"));

    /// <summary>
    /// The peak of this process while something runs. The kernel is asked to forget the peak before; where it refuses, an earlier peak
    /// may be larger and the measure is an upper bound.
    /// </summary>
    /// <param name="run">What to run.</param>
    /// <returns>Bytes, and whether the earlier peak was forgotten; null where the system does not say it.</returns>
    public static (long Bytes, bool IsExact)? During(Action run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var isExact = TryReset();
        run();
        return Read(Own) is { } bytes ? (bytes, isExact) : null;
    }

    private static bool TryReset()
    {
        try
        {
            if (!File.Exists($"{Own}/clear_refs")) return false;
            File.WriteAllText($"{Own}/clear_refs", "5");
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static long? Read(string folder)
    {
        try
        {
            var line = File.Exists($"{folder}/status") ? File.ReadLines($"{folder}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
            var kilobytes = line?.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1];
            return kilobytes is null ? null : long.Parse(kilobytes, CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
