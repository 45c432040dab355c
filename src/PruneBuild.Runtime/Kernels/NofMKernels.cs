namespace PruneBuild.Runtime;

/// <summary>The kernels of every N:M pattern at one tier.</summary>
internal static class NofMKernels<TTier, TBytes, TPartial, TSums>
    where TTier : struct, IInt8Tier<TBytes, TPartial, TSums>
    where TBytes : struct
    where TPartial : struct
    where TSums : struct
{
    public static IEnumerable<SparseKernel> Kernels() =>
    [
        .. NofMInt8Kernel<TwoOfFour, TTier, TBytes, TPartial, TSums>.Kernels(),
        .. NofMInt8Kernel<FourOfSixteen, TTier, TBytes, TPartial, TSums>.Kernels(),
        .. NofMInt8Kernel<EightOfSixteen, TTier, TBytes, TPartial, TSums>.Kernels(),
        .. NofMInt8Kernel<FourOfSixteen, TTier, TBytes, TPartial, TSums>.OverflowKernels(),
        .. NofMInt8Kernel<EightOfSixteen, TTier, TBytes, TPartial, TSums>.OverflowKernels(),
        .. NofMInt4Kernel<TwoOfFour, TTier, TBytes, TPartial, TSums>.Kernels(),
        .. NofMInt4Kernel<FourOfSixteen, TTier, TBytes, TPartial, TSums>.Kernels(),
        .. NofMInt4Kernel<EightOfSixteen, TTier, TBytes, TPartial, TSums>.Kernels(),
    ];
}
