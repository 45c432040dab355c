using PruneBuild.Runtime;
using PruneBuild.Targeting;
using PruneBuild.Targeting.Calibration;

namespace PruneBuild.Tests.Targeting;

public sealed class DeviceCalibrationTests
{
    private static readonly Lazy<Device> Quick = new(() => DeviceCalibration.Measure("here", CalibrationSize.Quick, _ => { }));

    [Fact]
    public void What_is_measured_here_can_be_planned_with()
    {
        var device = Quick.Value;

        Assert.Null(DeviceFile.Complaint(device));
        Assert.Equal(("here", HostMachine.Rid), (device.Id, device.Rid));
        Assert.Equal(DeviceFile.Write(device), DeviceFile.Write(DeviceFile.Parse(DeviceFile.Write(device))));
        Assert.NotEmpty(KernelPlanner.Plan(new LayerShape("ffn", "MatMul", 512, 512, 1, true), new DenseZeros(512, 512), device).Reason);
    }

    [Fact]
    public void Every_executable_format_gets_rates() => Assert.Equal(
        PackedFormats.All.Where(format => format.IsExecutable).Select(format => format.Name).Order(StringComparer.Ordinal),
        Quick.Value.SparseWeightsPerSecond.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Sources_say_on_what_it_was_measured() => Assert.All(
        Quick.Value.SparseWeightsPerSecond.Values,
        rates => Assert.StartsWith($"measured on {HostMachine.CpuName()}, one thread: ", rates.Many.Source, StringComparison.Ordinal));

    [Fact]
    public void The_saturation_of_int8_agrees_with_the_instructions()
    {
        if (KernelRegistry.Tiers.Contains(KernelTier.AdvSimd) || KernelRegistry.Tiers.Contains(KernelTier.AvxVnni))
            Assert.False(Quick.Value.SaturatesInt8);
        else if (!KernelRegistry.Tiers.Contains(KernelTier.Avx512))
            Assert.True(Quick.Value.SaturatesInt8);
    }

    [Theory]
    [InlineData("8x4", 0.5)]
    [InlineData("16x1", 0.9)]
    [InlineData("unstructured", 0.7)]
    [InlineData("4:16", 0.75)]
    public void Weights_have_the_sparsity_and_the_pattern_they_are_asked_for(string pattern, double sparsity)
    {
        var weights = PatternWeights.Make(ZeroPattern.Parse(pattern), sparsity, 512, 512);

        Assert.InRange(weights.Sparsity(), sparsity - 0.03, sparsity + 0.03);
        Assert.Equal(weights.Singles, PatternWeights.Make(ZeroPattern.Parse(pattern), sparsity, 512, 512).Singles);
        if (pattern == "4:16")
            Assert.All(weights.Singles!.Chunk(16), window => Assert.Equal(4, window.Count(weight => weight != 0)));
        else if (pattern == "8x4")
            Assert.InRange(Block8x4Int8.Format.Measure(weights).Sparsity, sparsity - 0.05, sparsity + 0.05);
    }

    [Fact]
    public void The_median_is_not_moved_by_one_disturbance() => Assert.Equal(2, InterleavedTiming.Median([1, 2, 1000, 3, 2]));

    [Fact]
    public void The_last_cache_of_sysfs_is_the_one_of_the_highest_level()
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-caches");
        try
        {
            foreach (var (index, level, size) in new[] { ("index0", "1", "32K"), ("index3", "3", "6M"), ("index2", "2", "512K") })
            {
                var cache = folder.CreateSubdirectory(index).FullName;
                File.WriteAllText(Path.Combine(cache, "level"), level + "\n");
                File.WriteAllText(Path.Combine(cache, "size"), size + "\n");
            }

            Assert.Equal(6L << 20, HostMachine.LinuxCache(folder.FullName));
            Assert.Null(HostMachine.LinuxCache(Path.Combine(folder.FullName, "none")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Timed_layers_leave_room_in_a_small_cache()
    {
        Assert.Equal(3072, CalibrationSize.Full.Outputs(32 << 20));
        Assert.InRange(CalibrationSize.Full.Outputs(1 << 20), 64, 170);
    }
}
