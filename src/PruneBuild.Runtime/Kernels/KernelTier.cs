namespace PruneBuild.Runtime;

/// <summary>An instruction-set level that kernels are written for. Integer results do not depend on it.</summary>
public enum KernelTier
{
    /// <summary>Any CPU that .NET runs on.</summary>
    Portable,

    /// <summary>x64 with AVX2 and FMA.</summary>
    Avx2,

    /// <summary>x64 with AVX-VNNI.</summary>
    AvxVnni,

    /// <summary>x64 with AVX-512 (F, BW, VL).</summary>
    Avx512,

    /// <summary>arm64 (Cortex-A53, A72).</summary>
    AdvSimd,

    /// <summary>arm64 with the dot product extension (Cortex-A55, A76, Neoverse, Apple).</summary>
    AdvSimdDp,
}
