using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace PruneBuild.Runtime;

/// <summary>Every kernel, and the tiers this CPU runs.</summary>
public static class KernelRegistry
{
    /// <summary>One line a kernel family and tier.</summary>
    internal static IReadOnlyList<SparseKernel> Kernels { get; } =
    [
        .. Block8x4Int8Kernel<PortableInt8, BytePair, Int32Pair, Int32Pair>.Kernels(),
        .. Block8x4Int8Kernel<Avx2Int8, Vector256<byte>, Vector256<short>, Vector256<int>>.Kernels(),
        .. Block8x4Int8Kernel<AvxVnniInt8, Vector256<byte>, Vector256<short>, Vector256<int>>.Kernels(),
        .. Block8x4Int8Kernel<AdvSimdInt8, BytePair, Int32Pair, Int32Pair>.Kernels(),
        .. Block8x4Int8Kernel<AdvSimdDpInt8, BytePair, Int32Pair, Int32Pair>.Kernels(),
        .. Block8x4Int4Kernel<PortableInt8, BytePair, Int32Pair, Int32Pair>.Kernels(),
        .. Block8x4Int4Kernel<Avx2Int8, Vector256<byte>, Vector256<short>, Vector256<int>>.Kernels(),
        .. Block8x4Int4Kernel<AdvSimdInt8, BytePair, Int32Pair, Int32Pair>.Kernels(),
        .. Block8x4Int4Kernel<AdvSimdDpInt8, BytePair, Int32Pair, Int32Pair>.Kernels(),
        .. Block8x1Float32Kernel<Vector128Float32Sums>.Kernels(KernelTier.Portable),
        .. Block8x1Float32Kernel<Vector256Float32Sums>.Kernels(KernelTier.Avx2),
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
        KernelTier.Avx512 => "avx512",
        KernelTier.AdvSimd => "advsimd",
        KernelTier.AdvSimdDp => "advsimd-dp",
        _ => "portable",
    };

    /// <summary>
    /// Whether this CPU can execute a tier's kernels: its own tiers, and under the JIT those whose missing instructions have a
    /// stand-in (see the tier's type), so that tests reach them.
    /// </summary>
    internal static bool CanExecute(KernelTier tier) =>
        Tiers.Contains(tier) || (RuntimeFeature.IsDynamicCodeCompiled && tier is KernelTier.AvxVnni or KernelTier.Avx512 && Tiers.Contains(KernelTier.Avx2));

    /// <summary>The kernel of that tier, or of the best lesser tier of this CPU that has one; a bucket without its own kernel takes that of fewer rows.</summary>
    internal static SparseKernel Find(string format, KernelTier tier, RowBucket rows)
    {
        foreach (var candidate in Tiers.SkipWhile(candidate => candidate != tier))
        {
            for (var bucket = rows; bucket >= RowBucket.One; bucket--)
            {
                if (Kernels.FirstOrDefault(kernel => kernel.Format == format && kernel.Tier == candidate && kernel.Rows == bucket) is { } kernel)
                    return kernel;
            }
        }

        throw new PlatformNotSupportedException($"No kernel for '{format}' at tier {tier} on this CPU.");
    }

    private static List<KernelTier> Supported()
    {
        var tiers = new List<KernelTier>();
        if (Avx512BW.VL.IsSupported)
            tiers.Add(KernelTier.Avx512);
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
