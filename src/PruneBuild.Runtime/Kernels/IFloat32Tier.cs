using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>The float registers of an ISA tier: what kernels with float activations are compiled over.</summary>
/// <typeparam name="TVector">A vector of <see cref="Lanes"/> floats.</typeparam>
internal unsafe interface IFloat32Tier<TVector> where TVector : struct
{
    static abstract KernelTier Tier { get; }

    static abstract int Lanes { get; }

    static abstract TVector Broadcast(float value);

    static abstract TVector Load(float* source);

    /// <summary>Integers as floats.</summary>
    static abstract TVector Load(sbyte* source);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector Multiply(TVector left, TVector right);

    /// <summary>left × right + addend, fused where the CPU has FMA.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

    /// <summary>The larger; what is no number on the right stays none.</summary>
    static abstract TVector Maximum(TVector left, TVector right);

    /// <summary>The nearest whole number.</summary>
    static abstract TVector Round(TVector value);

    /// <summary>2 to the power of whole numbers from -126 to 127.</summary>
    static abstract TVector PowerOfTwo(TVector value);

    static abstract void Store(TVector value, float* target);

    /// <summary>Four sums, one for each remainder of the lane by four, halves added first.</summary>
    static abstract Vector128<float> Fold(TVector value);

    /// <summary>Adds the bias, applies the activation and stores.</summary>
    static abstract void Finish(TVector value, float* bias, bool relu, float* y);
}
