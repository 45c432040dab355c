using System.Reflection;
using System.Runtime.InteropServices;
using PruneBuild.Runtime;
using PruneBuild.Tests.Edge;
using PruneBuild.Tests.Kernels;

namespace PruneBuild.Tests;

/// <summary>A trimmed, self-contained app under the JIT. Warnings are errors, so publishing it proves that trimming has none.</summary>
public sealed class TrimmedAppTests(TrimmedAppTests.TrimmedApp app) : IClassFixture<TrimmedAppTests.TrimmedApp>
{
    [Fact]
    public void A_trimmed_app_gets_the_same_kernels_and_bits()
    {
        var output = PublishedApp.Run(app.Executable);
        Assert.Contains($"tiers {string.Join(' ', KernelRegistry.Tiers.Select(KernelRegistry.DisplayName))}", output);
        foreach (var format in KernelOracle.Formats)
            Assert.Contains(KernelOracle.IsExact(format) ? $"{format} {KernelOracle.Checksum(format, KernelRegistry.SelectTier()):x16}" : $"{format} within rounding", output);
    }

    /// <summary>A vector that goes to the stack in a loop costs up to two thirds of a kernel's speed: see Block8x4Int8Kernel.</summary>
    [Fact]
    public void No_innermost_loop_keeps_a_vector_on_the_stack()
    {
        Skips.Unless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "Reads x64 assembly.");
        var file = Path.GetTempFileName();
        try
        {
            // Without tiers nothing is compiled behind the program's back: a compiler that still writes when the runtime closes the listing
            // at exit takes the process down.
            PublishedApp.Run(
                "/usr/bin/env", "DOTNET_TieredCompilation=0", "DOTNET_JitDisasm=PruneBuild.Runtime.*:*", $"DOTNET_JitStdOutFile={file}", app.Executable);
            var listings = JitListing.Parse(File.ReadAllText(file));
            var families = KernelFamilies().ToList();
            Assert.All(families, family => Assert.Contains(listings, listing => listing.Method.StartsWith(family, StringComparison.Ordinal)));
            var kernels = listings.Where(listing => families.Exists(family => listing.Method.StartsWith(family, StringComparison.Ordinal))).ToList();
            Assert.Contains(kernels, listing => listing.HasVectors);
            Assert.Empty(kernels.Where(IsMeantForThisCpu).SelectMany(listing => listing.VectorSpills.Select(spill => $"{listing.Method}: {spill}")));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_vector_on_the_stack_is_noticed_inside_a_loop_only()
    {
        const string outside = "; Assembly listing for method K:Run() (FullOpts)\nG_M1_IG01:\n vmovups ymmword ptr [rbp-0x20], ymm1\n";
        const string inside = outside + "G_M1_IG02:\n vmovups ymm1, ymmword ptr [rsp+0x20]\n jl SHORT G_M1_IG02\n";
        Assert.Empty(Assert.Single(JitListing.Parse(outside)).VectorSpills);
        Assert.Equal(["vmovups ymm1, ymmword ptr [rsp+0x20]"], Assert.Single(JitListing.Parse(inside)).VectorSpills);
    }

    /// <summary>Fallbacks, and stand-ins for instructions the CPU lacks, need not be fast.</summary>
    private static bool IsMeantForThisCpu(JitListing listing) =>
        !listing.Method.Contains("Portable", StringComparison.Ordinal)
        && (KernelRegistry.Tiers.Contains(KernelTier.Avx512) || !listing.Method.Contains("512", StringComparison.Ordinal));

    /// <summary>The classes that hold kernels: those with a method of a kernel's signature.</summary>
    private static unsafe IEnumerable<string> KernelFamilies() => typeof(SparseKernel).Assembly.GetTypes()
        .Where(type => type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Any(method =>
            method.ReturnType == typeof(void)
            && method.GetParameters().Select(parameter => parameter.ParameterType).SequenceEqual([typeof(SparseJob*), typeof(int), typeof(int), typeof(int), typeof(int)])))
        .Select(type => type.FullName!);

    /// <summary>Publishes on first use, once for all tests.</summary>
    public sealed class TrimmedApp : IDisposable
    {
        private readonly Lazy<PublishedApp> published = new(() =>
            new("PruneBuild.Runtime.KernelCheck", TemporaryArtifact.Manifest.Rid, "-p:PublishTrimmed=true", "-p:TrimmerSingleWarn=false"));

        public string Executable
        {
            get
            {
                Skips.Unless(OperatingSystem.IsLinux(), "Publishes for the host, a Linux.");
                return published.Value.Executable;
            }
        }

        public void Dispose()
        {
            if (published.IsValueCreated)
                published.Value.Dispose();
        }
    }
}
