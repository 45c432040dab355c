using System.Runtime.CompilerServices;
using PruneBuild.Compression.Natives;

namespace PruneBuild.Compression.Tests.Natives;

/// <summary>Points the test process at the natives in the NuGet packages folder.</summary>
internal static class TestNatives
{
    public static string HostRid { get; } =
        OperatingSystem.IsWindows() ? "win-x64" : OperatingSystem.IsMacOS() ? "osx-arm64" : "linux-x64";

    public static HostNatives Host { get; } = HostNatives.FromPackages(PruneBuild.Tests.OnnxRuntimeNative.PackagesFolder, HostRid);

    public static string CacheFolder { get; } = Path.Combine(Path.GetTempPath(), "prunebuild-tests-" + Environment.ProcessId);

    [ModuleInitializer]
    internal static void Register()
    {
        Host.Use(CacheFolder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            // Windows keeps a loaded library's file; its temporary folder is emptied by the system.
            if (!OperatingSystem.IsWindows() && Directory.Exists(CacheFolder)) Directory.Delete(CacheFolder, recursive: true);
        };
    }
}
