using System.Runtime.InteropServices;
using PruneBuild.Runtime;
using PruneBuild.Tests.Edge;
using PruneBuild.Tests.Kernels;
using PruneBuild.Tests.Ort;

namespace PruneBuild.Tests;

/// <summary>What an app compiled ahead of time does, beside what the JIT does.</summary>
public sealed class NativeAotTests(NativeAotTests.NativeApp app) : IClassFixture<NativeAotTests.NativeApp>
{
    /// <summary>As <see cref="KernelRegistry.Tiers"/>; the compiler ahead of time leaves AVX-512 out (see the package's targets).</summary>
    private static IEnumerable<KernelTier> Tiers => KernelRegistry.Tiers.Where(tier => tier != KernelTier.Avx512);

    [Fact]
    public void A_native_AOT_app_gets_the_same_kernels_and_bits_as_the_JIT()
    {
        var output = PublishedApp.Run(app.Executable);
        Assert.Contains($"tiers {string.Join(' ', Tiers.Select(KernelRegistry.DisplayName))}", output);
        foreach (var format in KernelOracle.Formats)
            Assert.Contains(KernelOracle.IsExact(format) ? $"{format} {KernelOracle.Checksum(format, KernelRegistry.SelectTier()):x16}" : $"{format} within rounding", output);
    }

    [Fact]
    public void A_native_AOT_app_carries_AVX_VNNI_for_the_CPUs_that_have_it()
    {
        Skips.Unless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "AVX-VNNI is of x64.");
        // vpdpbusd ymm: VEX.256.66.0F38.W0 50. Left out by the compiler, it would appear by chance only.
        var code = File.ReadAllBytes(app.Executable);
        var found = 0;
        for (var i = 0; i + 3 < code.Length; i++)
        {
            if (code[i] == 0xC4 && (code[i + 1] & 0x1F) == 2 && (code[i + 2] & 0x87) == 5 && code[i + 3] == 0x50)
                found++;
        }

        Assert.InRange(found, 8, int.MaxValue);
    }

    [Theory]
    [InlineData(Block8x4Int8.FormatName)]
    [InlineData(Block8x1Float32.FormatName)]
    public void A_native_AOT_app_loads_an_artifact_and_gets_the_bits_of_the_JIT(string format)
    {
        var test = TemporaryArtifact.Case with { Format = format };
        using var artifact = new TemporaryArtifact(SparseModel.Create(test, test.Pack()));
        using var model = EdgeModel.Load(artifact.Folder);
        var bits = model.Run(test.X(), [test.Rows, test.Inputs]).Select(value => $"{BitConverter.SingleToUInt32Bits(value):x8}");
        Assert.Equal([$"tier {KernelRegistry.DisplayName(Tiers.First())}", .. bits], Print(0, artifact.Folder, test));
    }

    [Fact]
    public void A_native_AOT_app_finds_an_artifact_beside_itself_from_any_current_directory()
    {
        var test = TemporaryArtifact.Case;
        using var artifact = new TemporaryArtifact(folder: Path.Combine(Path.GetDirectoryName(app.Executable)!, "models", "digits"));
        Assert.Equal(1 + test.Rows * test.Outputs, Print(0, "models/digits", test).Length);
    }

    [Fact]
    public void A_native_AOT_app_refuses_a_changed_file()
    {
        using var artifact = new TemporaryArtifact();
        var bytes = File.ReadAllBytes(artifact.ModelPath);
        bytes[^5] ^= 1;
        File.WriteAllBytes(artifact.ModelPath, bytes);
        Assert.Equal(["PB6103"], Print(1, artifact.Folder, TemporaryArtifact.Case));
    }

    private string[] Print(int exitCode, string artifact, KernelCase test)
    {
        var input = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(input, MemoryMarshal.AsBytes<float>(test.X()));
            return PublishedApp.RunTo(exitCode, app.Executable, artifact, input, $"{test.Rows}", $"{test.Inputs}")
                .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }
        finally
        {
            File.Delete(input);
        }
    }

    /// <summary>Publishes on first use, once for all tests, with the native ONNX Runtime beside the app as the package puts it.</summary>
    public sealed class NativeApp : IDisposable
    {
        private readonly Lazy<PublishedApp> published = new(Publish);

        public string Executable
        {
            get
            {
                Skips.Unless(OperatingSystem.IsLinux(), "Publishes for the host, with clang on Linux.");
                PublishedApp.Require("install clang and zlib1g-dev", "/usr/bin/clang");
                return published.Value.Executable;
            }
        }

        public void Dispose()
        {
            if (published.IsValueCreated)
                published.Value.Dispose();
        }

        private static PublishedApp Publish() => new PublishedApp("PruneBuild.Runtime.KernelCheck", OnnxRuntimeNative.HostRid, "-p:PublishAot=true").WithOnnxRuntime();
    }
}
