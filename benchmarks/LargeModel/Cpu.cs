using System.Runtime.InteropServices;

namespace PruneBuild.Benchmarks.LargeModel;

/// <summary>What to print beside a measurement.</summary>
internal static class Cpu
{
    private const string Info = "/proc/cpuinfo";

    public static string Name() =>
        (File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null)
            ?.Split(':', 2)[1].Trim()
        ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
        ?? RuntimeInformation.ProcessArchitecture.ToString();
}
