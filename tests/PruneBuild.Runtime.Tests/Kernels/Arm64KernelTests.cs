using PruneBuild.Runtime;

namespace PruneBuild.Tests.Kernels;

/// <summary>Runs the kernel check, published for linux-arm64, on emulated CPUs without and with the dot product extension.</summary>
public sealed class Arm64KernelTests(Arm64KernelTests.Arm64Check check) : IClassFixture<Arm64KernelTests.Arm64Check>
{
    private const string Emulator = "/usr/bin/qemu-aarch64-static";
    private const string Libraries = "/usr/aarch64-linux-gnu";

    [Theory]
    [InlineData("cortex-a53", "advsimd portable")]
    [InlineData("cortex-a72", "advsimd portable")]
    [InlineData("cortex-a76", "advsimd-dp advsimd portable")]
    public void Kernels_on_arm64_answer_to_the_definition_and_give_the_integers_of_x64(string cpu, string tiers)
    {
        PublishedKernelCheck.Require("install qemu-user-static and the arm64 cross libraries", Emulator, Libraries);
        var output = PublishedKernelCheck.Run(Emulator, "-L", Libraries, "-cpu", cpu, check.Executable);
        Assert.Contains($"tiers {tiers}", output);
        foreach (var format in KernelOracle.Formats)
            Assert.Contains(KernelOracle.IsExact(format) ? $"{format} {KernelOracle.Checksum(format, KernelRegistry.SelectTier()):x16}" : $"{format} within rounding", output);
    }

    /// <summary>Publishes on first use, once for all CPUs.</summary>
    public sealed class Arm64Check : IDisposable
    {
        private readonly Lazy<PublishedKernelCheck> published = new(() => new("linux-arm64"));

        public string Executable => published.Value.Executable;

        public void Dispose()
        {
            if (published.IsValueCreated)
                published.Value.Dispose();
        }
    }
}
