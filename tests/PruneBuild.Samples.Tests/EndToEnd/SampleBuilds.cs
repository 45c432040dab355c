using System.Runtime.InteropServices;

namespace PruneBuild.Tests.EndToEnd;

/// <summary>The samples share a clone, whose packages are packed once; so their tests run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SamplesOfOneClone : ICollectionFixture<FreshClone>
{
    internal const string Name = "samples of one clone";
}

/// <summary>
/// A sample in a fresh clone, built step by step as a new user would. Each step runs once, when a test first asks for it, after
/// the steps before it, so that no result depends on which test runs first.
/// </summary>
/// <param name="clone">The clone.</param>
/// <param name="sample">Folder of the sample.</param>
/// <param name="artifact">Name of its artifact.</param>
public abstract class SampleBuilds(FreshClone clone, string sample, string artifact)
{
    internal const string Device = "linux-arm64";

    private int builds;

    internal string HarnessFile => Sample("eval", "harness.json");

    internal string ArtifactFolder => Sample("bin", "Debug", "net10.0", Device, "edge", artifact);

    internal string PublishFolder => Sample("bin", "Release", "net10.0", Device, "publish");

    internal static string HostRid
    {
        get
        {
            var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
            return $"{system}-{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";
        }
    }

    private protected FreshClone Clone => clone;

    internal string Sample(params string[] parts) => Path.Combine([clone.Root, "samples", sample, .. parts]);

    /// <summary>The folder whose libraries an emulator of a CPU loads; the test is skipped without it.</summary>
    internal static string Sysroot(string cpu)
    {
        var sysroot = Path.Combine(Environment.GetEnvironmentVariable("PRUNEBUILD_ARM64_SYSROOT") ?? "", cpu);
        Skips.Unless(
            File.Exists(Emulator) && Directory.Exists(sysroot) && Path.IsPathFullyQualified(sysroot),
            "PRUNEBUILD_ARM64_SYSROOT must name a folder made by .ci/arm64-sysroot.sh, and qemu-user-static be installed.");
        return sysroot;
    }

    /// <summary>Runs the published app as a device with that CPU would.</summary>
    internal CommandRun RunOnDevice(string cpu, params string[] arguments) => CommandRun.Of(
        PublishFolder, Emulator, ["-L", Sysroot(cpu), "-cpu", cpu, Path.Combine(PublishFolder, sample), .. arguments]);

    private protected BuildRun After(Lazy<BuildRun> previous, string command, params string[] arguments)
    {
        previous.Value.AssertSucceeded();
        return Run(command, arguments);
    }

    private protected BuildRun Run(string command, params string[] arguments)
    {
        var log = Path.Combine(clone.Root, $"{sample}.{++builds}.log");
        var run = CommandRun.Of(
            clone.Root, "dotnet", [command, $"samples/{sample}", .. arguments, "-tl:off", $"-flp:LogFile={log};Verbosity=normal"]);
        return new BuildRun(run, File.Exists(log) ? File.ReadAllText(log) : "", FolderState.Of(ArtifactFolder));
    }

    private const string Emulator = "/usr/bin/qemu-aarch64-static";
}
