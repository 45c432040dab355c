using Microsoft.ML.OnnxRuntime;
using PruneBuild.Runtime;

namespace PruneBuild.Benchmarks.Kernels;

/// <summary>What a figure was measured on.</summary>
internal static class Machine
{
    public static string Description { get; } =
        $"CPU: {CpuName()}; tier {KernelRegistry.DisplayName(KernelRegistry.SelectTier())}; .NET {Environment.Version}; ONNX Runtime {OrtEnv.Instance().GetVersionString()}";

    private static string CpuName() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown"
        : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";
}
