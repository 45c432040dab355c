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
        .. Block8x4Int8Avx512Kernel.Kernels(),
        .. Block8x4Int8Kernel<AdvSimdInt8, BytePair, Int32Pair, Int32Pair>.Kernels(),
        .. Block8x4Int8Kernel<AdvSimdDpInt8, BytePair, Int32Pair, Int32Pair>.Kernels(),
        .. Block8x4Int4Kernel<PortableInt8, BytePair, Int32Pair, Int32Pair>.Kernels(),
        .. Block8x4Int4Kernel<Avx2Int8, Vector256<byte>, Vector256<short>, Vector256<int>>.Kernels(),
        .. Block8x4Int4Kernel<AdvSimdInt8, BytePair, Int32Pair, Int32Pair>.Kernels(),
        .. Block8x4Int4Kernel<AdvSimdDpInt8, BytePair, Int32Pair, Int32Pair>.Kernels(),
        .. NofMKernels<PortableInt8, BytePair, Int32Pair, Int32Pair>.Kernels(),
        .. NofMKernels<Avx2Int8, Vector256<byte>, Vector256<short>, Vector256<int>>.Kernels(),
        .. NofMKernels<AvxVnniInt8, Vector256<byte>, Vector256<short>, Vector256<int>>.Kernels(),
        .. NofMKernels<AdvSimdInt8, BytePair, Int32Pair, Int32Pair>.Kernels(),
        .. NofMKernels<AdvSimdDpInt8, BytePair, Int32Pair, Int32Pair>.Kernels(),
        .. ColumnBlockKernel<Vector128Float32, Vector128<float>, Float32Weights, OneVector>.Kernels(Block4x1Float32.FormatName),
        Block4x1PanelKernel<Vector256Float32, Vector256<float>, Float32Weights>.Kernel(Block4x1Float32.FormatName),
        .. ColumnBlockKernel<Vector128Float32, Vector128<float>, Float32Weights, TwoVectors>.Kernels(Block8x1Float32.FormatName),
        .. ColumnBlockKernel<Vector256Float32, Vector256<float>, Float32Weights, OneVector>.Kernels(Block8x1Float32.FormatName),
        .. ColumnBlockKernel<Vector128Float32, Vector128<float>, Float32Weights, FourVectors>.Kernels(Block16x1Float32.FormatName),
        .. ColumnBlockKernel<Vector256Float32, Vector256<float>, Float32Weights, TwoVectors>.Kernels(Block16x1Float32.FormatName),
        .. ColumnBlockKernel<Vector512Float32, Vector512<float>, Float32Weights, OneVector>.Kernels(Block16x1Float32.FormatName),
        .. ColumnBlockKernel<Vector128Float32, Vector128<float>, Int8Weights, OneVector>.Kernels(Block4x1Int8Float32.FormatName),
        Block4x1PanelKernel<Vector256Float32, Vector256<float>, Int8Weights>.Kernel(Block4x1Int8Float32.FormatName),
        .. ColumnBlockKernel<Vector128Float32, Vector128<float>, Int8Weights, TwoVectors>.Kernels(Block8x1Int8Float32.FormatName),
        .. ColumnBlockKernel<Vector256Float32, Vector256<float>, Int8Weights, OneVector>.Kernels(Block8x1Int8Float32.FormatName),
        .. ColumnBlockKernel<Vector128Float32, Vector128<float>, Int8Weights, FourVectors>.Kernels(Block16x1Int8Float32.FormatName),
        .. ColumnBlockKernel<Vector256Float32, Vector256<float>, Int8Weights, TwoVectors>.Kernels(Block16x1Int8Float32.FormatName),
        .. ColumnBlockKernel<Vector512Float32, Vector512<float>, Int8Weights, OneVector>.Kernels(Block16x1Int8Float32.FormatName),
        .. CsrRowKernel<Float32Weights>.Kernels(CsrFloat32.FormatName),
        CsrPanelKernel<Vector128Float32, Vector128<float>, Float32Weights, TwoVectors>.Kernel(CsrFloat32.FormatName, RowBucket.Few),
        CsrPanelKernel<Vector128Float32, Vector128<float>, Float32Weights, EightVectors>.Kernel(CsrFloat32.FormatName, RowBucket.Many),
        CsrPanelKernel<Vector256Float32, Vector256<float>, Float32Weights, OneVector>.Kernel(CsrFloat32.FormatName, RowBucket.Few),
        CsrPanelKernel<Vector256Float32, Vector256<float>, Float32Weights, EightVectors>.Kernel(CsrFloat32.FormatName, RowBucket.Many),
        CsrPanelKernel<Vector512Float32, Vector512<float>, Float32Weights, FourVectors>.Kernel(CsrFloat32.FormatName, RowBucket.Many),
        .. CsrRowKernel<Int8Weights>.Kernels(CsrInt8Float32.FormatName),
        CsrPanelKernel<Vector128Float32, Vector128<float>, Int8Weights, TwoVectors>.Kernel(CsrInt8Float32.FormatName, RowBucket.Few),
        CsrPanelKernel<Vector128Float32, Vector128<float>, Int8Weights, EightVectors>.Kernel(CsrInt8Float32.FormatName, RowBucket.Many),
        CsrPanelKernel<Vector256Float32, Vector256<float>, Int8Weights, OneVector>.Kernel(CsrInt8Float32.FormatName, RowBucket.Few),
        CsrPanelKernel<Vector256Float32, Vector256<float>, Int8Weights, EightVectors>.Kernel(CsrInt8Float32.FormatName, RowBucket.Many),
        CsrPanelKernel<Vector512Float32, Vector512<float>, Int8Weights, FourVectors>.Kernel(CsrInt8Float32.FormatName, RowBucket.Many),
        .. WindowKernel<PortableWindows4, TwoVectors>.Kernels(Window2Of4Float32.FormatName),
        WindowPanelKernel<Vector128Float32, Vector128<float>, PortableWindows4, TwoVectors>.Kernel(Window2Of4Float32.FormatName),
        .. WindowKernel<Avx2Windows4, TwoVectors>.Kernels(Window2Of4Float32.FormatName),
        WindowPanelKernel<Vector256Float32, Vector256<float>, Avx2Windows4, TwoVectors>.Kernel(Window2Of4Float32.FormatName),
        .. WindowKernel<PortableWindows8, OneVector>.Kernels(Window1Of8Float32.FormatName),
        WindowPanelKernel<Vector128Float32, Vector128<float>, PortableWindows8, OneVector>.Kernel(Window1Of8Float32.FormatName),
        .. WindowKernel<Avx2Windows8, OneVector>.Kernels(Window1Of8Float32.FormatName),
        WindowPanelKernel<Vector256Float32, Vector256<float>, Avx2Windows8, OneVector>.Kernel(Window1Of8Float32.FormatName),
        .. WindowKernel<PortableWindows8, TwoVectors>.Kernels(Window2Of8Float32.FormatName),
        WindowPanelKernel<Vector128Float32, Vector128<float>, PortableWindows8, TwoVectors>.Kernel(Window2Of8Float32.FormatName),
        .. WindowKernel<Avx2Windows8, TwoVectors>.Kernels(Window2Of8Float32.FormatName),
        WindowPanelKernel<Vector256Float32, Vector256<float>, Avx2Windows8, TwoVectors>.Kernel(Window2Of8Float32.FormatName),
        .. WindowKernel<PortableWindows8, FourVectors>.Kernels(Window4Of8Float32.FormatName),
        WindowPanelKernel<Vector128Float32, Vector128<float>, PortableWindows8, FourVectors>.Kernel(Window4Of8Float32.FormatName),
        .. WindowKernel<Avx2Windows8, FourVectors>.Kernels(Window4Of8Float32.FormatName),
        WindowPanelKernel<Vector256Float32, Vector256<float>, Avx2Windows8, FourVectors>.Kernel(Window4Of8Float32.FormatName),
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

    /// <summary>Whether the format's kernels can convolve, and not only multiply matrices.</summary>
    public static unsafe bool CanConvolve(PackedFormat format) => Kernels.Any(kernel => kernel.Format == format.Name && kernel.Convolve != null);

    /// <summary>Whether <c>prunebuild.GroupQueryAttention</c> takes heads of that many features.</summary>
    public static bool CanAttend(long headSize) => headSize is > 0 and <= GroupedAttention.MostHeadSize && headSize % 4 == 0;

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
