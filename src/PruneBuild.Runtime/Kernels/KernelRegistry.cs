using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace PruneBuild.Runtime;

/// <summary>Every kernel, and the tiers this CPU runs.</summary>
public static unsafe class KernelRegistry
{
    internal static IReadOnlyList<SparseKernel> Kernels { get; } =
    [
        new(Block8x4Int8.Name, KernelTier.Portable, RowBucket.One, &Block8x4Int8Kernel<PortableInt32Sums>.OneRow),
        new(Block8x4Int8.Name, KernelTier.Portable, RowBucket.Four, &Block8x4Int8Kernel<PortableInt32Sums>.FourRows),
        new(Block8x4Int8.Name, KernelTier.Avx2, RowBucket.One, &Block8x4Int8Kernel<Avx2Int32Sums>.OneRow),
        new(Block8x4Int8.Name, KernelTier.Avx2, RowBucket.Four, &Block8x4Int8Kernel<Avx2Int32Sums>.FourRows),
        new(Block8x4Int8.Name, KernelTier.AvxVnni, RowBucket.One, &Block8x4Int8Kernel<AvxVnniInt32Sums>.OneRow),
        new(Block8x4Int8.Name, KernelTier.AvxVnni, RowBucket.Four, &Block8x4Int8Kernel<AvxVnniInt32Sums>.FourRows),
        new(Block8x4Int8.Name, KernelTier.AdvSimd, RowBucket.One, &Block8x4Int8Kernel<AdvSimdInt32Sums>.OneRow),
        new(Block8x4Int8.Name, KernelTier.AdvSimd, RowBucket.Four, &Block8x4Int8Kernel<AdvSimdInt32Sums>.FourRows),
        new(Block8x4Int8.Name, KernelTier.AdvSimdDp, RowBucket.One, &Block8x4Int8Kernel<AdvSimdDpInt32Sums>.OneRow),
        new(Block8x4Int8.Name, KernelTier.AdvSimdDp, RowBucket.Four, &Block8x4Int8Kernel<AdvSimdDpInt32Sums>.FourRows),
        new(Block8x1Float32.Name, KernelTier.Portable, RowBucket.One, &Block8x1Float32Kernel<Vector128Float32Sums>.OneRow),
        new(Block8x1Float32.Name, KernelTier.Portable, RowBucket.Four, &Block8x1Float32Kernel<Vector128Float32Sums>.FourRows),
        new(Block8x1Float32.Name, KernelTier.Avx2, RowBucket.One, &Block8x1Float32Kernel<Vector256Float32Sums>.OneRow),
        new(Block8x1Float32.Name, KernelTier.Avx2, RowBucket.Four, &Block8x1Float32Kernel<Vector256Float32Sums>.FourRows),
    ];

    /// <summary>The tiers this CPU supports, best first. The last is always <see cref="KernelTier.Portable"/>.</summary>
    public static IReadOnlyList<KernelTier> Tiers { get; } = Supported();

    /// <summary>Makes <see cref="SelectTier"/> return this tier, for tests and for comparing tiers on a device; null restores the choice.</summary>
    /// <exception cref="PlatformNotSupportedException">This CPU does not support the tier.</exception>
    public static KernelTier? ForcedTier
    {
        get;
        set => field = value is not { } tier || Tiers.Contains(tier) ? value : throw new PlatformNotSupportedException($"This CPU does not support the kernel tier {tier}.");
    }

    /// <summary>The tier of kernels created from now on: the forced one, else the best this CPU supports.</summary>
    public static KernelTier SelectTier() => ForcedTier ?? Tiers[0];

    /// <summary>The name shown to users and written in reports.</summary>
    public static string DisplayName(KernelTier tier) => tier switch
    {
        KernelTier.Avx2 => "avx2",
        KernelTier.AvxVnni => "avx-vnni",
        KernelTier.AdvSimd => "advsimd",
        KernelTier.AdvSimdDp => "advsimd-dp",
        _ => "portable",
    };

    /// <summary>The kernel of that tier, or of the best lesser tier of this CPU that has one.</summary>
    internal static SparseKernel Find(string format, KernelTier tier, RowBucket rows) =>
        Tiers.SkipWhile(candidate => candidate != tier)
            .Select(candidate => Kernels.FirstOrDefault(kernel => kernel.Format == format && kernel.Tier == candidate && kernel.Rows == rows))
            .FirstOrDefault(kernel => kernel is not null)
        ?? throw new PlatformNotSupportedException($"No kernel for '{format}' at tier {tier} on this CPU.");

    private static List<KernelTier> Supported()
    {
        var tiers = new List<KernelTier>();
        if (AvxVnni.IsSupported)
            tiers.Add(KernelTier.AvxVnni);
        if (Avx2.IsSupported && Fma.IsSupported)
            tiers.Add(KernelTier.Avx2);
        if (Dp.IsSupported)
            tiers.Add(KernelTier.AdvSimdDp);
        if (AdvSimd.Arm64.IsSupported)
            tiers.Add(KernelTier.AdvSimd);
        tiers.Add(KernelTier.Portable);
        return tiers;
    }
}
