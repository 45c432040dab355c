using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PruneBuild.Compression.Natives;
using PruneBuild.Tests;

namespace PruneBuild.Pipeline.Tests;

/// <summary>Lets the tests use libtorch from the NuGet packages folder.</summary>
internal static class TorchNative
{
    [ModuleInitializer]
    internal static void Register()
    {
        var rid = OperatingSystem.IsWindows() ? "win-x64" : OperatingSystem.IsMacOS() ? "osx-arm64" : "linux-x64";
        if (RuntimeInformation.ProcessArchitecture == (rid == "osx-arm64" ? Architecture.Arm64 : Architecture.X64))
            HostNatives.FromPackages(OnnxRuntimeNative.PackagesFolder, rid)
                .Use(Path.Combine(Path.GetTempPath(), "prunebuild-tests", "natives"));
    }
}
