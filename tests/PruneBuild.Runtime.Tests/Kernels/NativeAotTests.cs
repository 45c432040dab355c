using System.Runtime.InteropServices;
using PruneBuild.Runtime;

namespace PruneBuild.Tests.Kernels;

public sealed class NativeAotTests
{
    [Fact]
    public void A_native_AOT_app_gets_the_same_kernels_and_bits_as_the_JIT()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "Publishes for the host, linux-x64.");
        PublishedKernelCheck.Require("install clang and zlib1g-dev", "/usr/bin/clang");
        using var check = new PublishedKernelCheck("linux-x64", "-p:PublishAot=true");
        var output = PublishedKernelCheck.Run(check.Executable);
        Assert.Contains($"tiers {string.Join(' ', KernelRegistry.Tiers.Select(KernelRegistry.DisplayName))}", output);
        foreach (var format in PackedFormat.All)
            Assert.Contains($"{format.Name} {KernelOracle.Checksum(format.Name, KernelRegistry.SelectTier()):x16}", output);
    }
}
