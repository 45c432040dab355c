using System.Reflection;
using PruneBuild.Compression.Natives;

namespace PruneBuild.Benchmarks.Pruning;

/// <summary>libtorch from the packages folder.</summary>
internal static class Natives
{
    public static void Use()
    {
        var packages = typeof(Natives).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "NuGetPackageRoot").Value!;
        var rid = OperatingSystem.IsWindows() ? "win-x64" : OperatingSystem.IsMacOS() ? "osx-arm64" : "linux-x64";
        var cache = Directory.CreateTempSubdirectory("prunebuild-benchmark-").FullName;
        HostNatives.FromPackages(packages, rid).Use(cache);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (!OperatingSystem.IsWindows())
                Directory.Delete(cache, recursive: true);
        };
    }
}
