namespace PruneBuild.Runtime;

/// <summary>An instruction-set level that kernels are written for. Results do not depend on it (float32: on CPUs with FMA).</summary>
public enum KernelTier
{
    /// <summary>Any CPU that .NET runs on.</summary>
    Portable,

    /// <summary>x64 with AVX2 and FMA.</summary>
    Avx2,

    /// <summary>x64 with AVX-VNNI.</summary>
    AvxVnni,

    /// <summary>arm64 (Cortex-A53, A72).</summary>
    AdvSimd,

    /// <summary>arm64 with the dot product extension (Cortex-A55, A76, Neoverse, Apple).</summary>
    AdvSimdDp,
}
