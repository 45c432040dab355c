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
        RequireEmulator();
        Check(cpu, tiers, check.Executable);
    }

    /// <summary>One binary: the dot product extension is found when the app runs, and its lack keeps no app from starting.</summary>
    [Theory]
    [InlineData("cortex-a53", "advsimd portable")]
    [InlineData("cortex-a72", "advsimd portable")]
    [InlineData("cortex-a76", "advsimd-dp advsimd portable")]
    public void A_native_AOT_app_on_arm64_gets_the_same_kernels_and_integers(string cpu, string tiers)
    {
        RequireEmulator();
        PublishedApp.Require(
            "install clang, lld, gcc-aarch64-linux-gnu and libc6-dev-arm64-cross", "/usr/bin/clang", "/usr/bin/aarch64-linux-gnu-gcc", $"{Libraries}/lib/libc.so");
        Check(cpu, tiers, check.NativeExecutable);
    }

    private static void RequireEmulator() =>
        PublishedApp.Require("install qemu-user-static and the arm64 cross libraries", Emulator, Libraries);

    private static void Check(string cpu, string tiers, string executable)
    {
        var output = PublishedApp.Run(Emulator, "-L", Libraries, "-cpu", cpu, executable);
        Assert.Contains($"tiers {tiers}", output);
        foreach (var format in KernelOracle.Formats)
            Assert.Contains(KernelOracle.IsExact(format) ? $"{format} {KernelOracle.Checksum(format, KernelRegistry.SelectTier()):x16}" : $"{format} within rounding", output);
    }

    /// <summary>Publishes on first use, once for all CPUs.</summary>
    public sealed class Arm64Check : IDisposable
    {
        private readonly Lazy<PublishedApp> published = new(() => new("PruneBuild.Runtime.KernelCheck", "linux-arm64"));
        private readonly Lazy<PublishedApp> native = new(() => new("PruneBuild.Runtime.KernelCheck", "linux-arm64", "-p:PublishAot=true"));

        public string Executable => published.Value.Executable;

        public string NativeExecutable => native.Value.Executable;

        public void Dispose()
        {
            foreach (var app in new[] { published, native })
            {
                if (app.IsValueCreated)
                    app.Value.Dispose();
            }
        }
    }
}
