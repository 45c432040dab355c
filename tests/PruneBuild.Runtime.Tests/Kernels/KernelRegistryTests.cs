using PruneBuild.Runtime;

namespace PruneBuild.Tests.Kernels;

[Collection(nameof(KernelRegistry.ForcedTier))]
public sealed class KernelRegistryTests
{
    [Fact]
    public void Every_format_has_a_portable_kernel_for_every_row_bucket()
    {
        foreach (var format in KernelOracle.Formats)
        {
            foreach (var rows in Enum.GetValues<RowBucket>())
                Assert.Equal(KernelTier.Portable, KernelRegistry.Find(format, KernelTier.Portable, rows).Tier);
        }
    }

    [Fact]
    public void No_kernel_is_registered_twice() =>
        Assert.Distinct(KernelRegistry.Kernels.Select(kernel => (kernel.Format, kernel.Tier, kernel.Rows)));

    [Fact]
    public void Tiers_end_with_the_portable_one() => Assert.Equal(KernelTier.Portable, KernelRegistry.Tiers[^1]);

    [Fact]
    public void A_tier_of_another_architecture_cannot_be_forced()
    {
        var foreign = Enum.GetValues<KernelTier>().First(tier => !KernelRegistry.Tiers.Contains(tier));
        Assert.Throws<PlatformNotSupportedException>(() => KernelRegistry.ForcedTier = foreign);
    }

    [Fact]
    public void A_forced_tier_is_selected_until_it_is_released()
    {
        try
        {
            foreach (var tier in KernelRegistry.Tiers)
            {
                KernelRegistry.ForcedTier = tier;
                Assert.Equal(tier, KernelRegistry.SelectTier());
            }
        }
        finally
        {
            KernelRegistry.ForcedTier = null;
        }

        Assert.Equal(KernelRegistry.Tiers[0], KernelRegistry.SelectTier());
    }

    [Fact]
    public void Every_tier_has_its_own_display_name() =>
        Assert.Distinct(Enum.GetValues<KernelTier>().Select(KernelRegistry.DisplayName));
}
