using System.Runtime.CompilerServices;

namespace PruneBuild.Runtime;

/// <summary>How weights beside float activations are stored.</summary>
internal unsafe interface IStoredWeights
{
    /// <summary>Bytes of one weight.</summary>
    static abstract int Bytes { get; }

    /// <summary>Whether a sum still has to be multiplied by its output's scale.</summary>
    static abstract bool IsScaled { get; }

    /// <summary>A vector of weights as floats.</summary>
    static abstract TVector Load<TTier, TVector>(byte* source) where TTier : struct, IFloat32Tier<TVector> where TVector : struct;

    /// <summary>Weights in memory as floats: where they are, or in scratch. Rounds the count up to whole vectors.</summary>
    static abstract float* ToSingles<TTier, TVector>(byte* source, nint count, float* scratch) where TTier : struct, IFloat32Tier<TVector> where TVector : struct;
}

/// <summary>Floats.</summary>
internal unsafe struct Float32Weights : IStoredWeights
{
    public static int Bytes => sizeof(float);

    public static bool IsScaled => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TTier, TVector>(byte* source) where TTier : struct, IFloat32Tier<TVector> where TVector : struct => TTier.Load((float*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* ToSingles<TTier, TVector>(byte* source, nint count, float* scratch) where TTier : struct, IFloat32Tier<TVector> where TVector : struct =>
        (float*)source;
}

/// <summary>Int8 with one scale per output. The section of the scales lies behind, so that whole vectors may be read.</summary>
internal unsafe struct Int8Weights : IStoredWeights
{
    public static int Bytes => sizeof(sbyte);

    public static bool IsScaled => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TTier, TVector>(byte* source) where TTier : struct, IFloat32Tier<TVector> where TVector : struct => TTier.Load((sbyte*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* ToSingles<TTier, TVector>(byte* source, nint count, float* scratch) where TTier : struct, IFloat32Tier<TVector> where TVector : struct
    {
        for (nint at = 0; at < count; at += TTier.Lanes)
            TTier.Store(TTier.Load((sbyte*)source + at), scratch + at);
        return scratch;
    }
}
