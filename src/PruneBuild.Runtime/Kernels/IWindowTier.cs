using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PruneBuild.Runtime;

/// <summary>How an ISA tier picks, for each of 8 outputs, one input of a window.</summary>
internal unsafe interface IWindowTier
{
    static abstract KernelTier Tier { get; }

    /// <summary>Inputs of a window.</summary>
    static abstract int Inputs { get; }

    /// <summary>Slots whose positions one vector holds.</summary>
    static abstract int SlotsPerChunk { get; }

    /// <summary>The inputs of a window, where <see cref="Select"/> needs them.</summary>
    static abstract Vector256<float> Load(float* x);

    /// <summary>The input that the lowest position of each dword names; higher bits do not matter.</summary>
    static abstract Vector256<float> Select(Vector256<float> window, Vector256<uint> positions);

    /// <summary>Positions with the next slot's lowest.</summary>
    static abstract Vector256<uint> Next(Vector256<uint> positions);
}

/// <summary>Windows of 4: a permutation within the halves of a register that both hold the window.</summary>
internal unsafe struct Avx2Windows4 : IWindowTier
{
    public static KernelTier Tier => KernelTier.Avx2;

    public static int Inputs => 4;

    public static int SlotsPerChunk => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* x) => Avx.BroadcastVector128ToVector256(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Select(Vector256<float> window, Vector256<uint> positions) => Avx.PermuteVar(window, positions.AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Next(Vector256<uint> positions) => Vector256.ShiftRightLogical(positions, 2);
}

/// <summary>Windows of 8: a permutation of a whole register.</summary>
internal unsafe struct Avx2Windows8 : IWindowTier
{
    public static KernelTier Tier => KernelTier.Avx2;

    public static int Inputs => 8;

    public static int SlotsPerChunk => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* x) => Vector256.Load(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Select(Vector256<float> window, Vector256<uint> positions) => Avx2.PermuteVar8x32(window, positions.AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Next(Vector256<uint> positions) => Vector256.ShiftRightLogical(positions, 4);
}

/// <summary>Windows of 4 on any CPU.</summary>
internal unsafe struct PortableWindows4 : IWindowTier
{
    public static KernelTier Tier => KernelTier.Portable;

    public static int Inputs => 4;

    public static int SlotsPerChunk => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* x)
    {
        var window = Vector128.Load(x);
        return Vector256.Create(window, window);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Select(Vector256<float> window, Vector256<uint> positions)
    {
        var at = (positions & Vector256.Create(3u)).AsInt32();
        return Vector256.Create(Vector128.Shuffle(window.GetLower(), at.GetLower()), Vector128.Shuffle(window.GetLower(), at.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Next(Vector256<uint> positions) => Vector256.ShiftRightLogical(positions, 2);
}

/// <summary>Windows of 8 on any CPU: each half of the window offers a candidate.</summary>
internal unsafe struct PortableWindows8 : IWindowTier
{
    public static KernelTier Tier => KernelTier.Portable;

    public static int Inputs => 8;

    public static int SlotsPerChunk => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* x) => Vector256.Load(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Select(Vector256<float> window, Vector256<uint> positions)
    {
        var low = (positions & Vector256.Create(3u)).AsInt32();
        return Vector256.ConditionalSelect(
            Vector256.Equals(positions & Vector256.Create(4u), Vector256<uint>.Zero).AsSingle(),
            Vector256.Create(Vector128.Shuffle(window.GetLower(), low.GetLower()), Vector128.Shuffle(window.GetLower(), low.GetUpper())),
            Vector256.Create(Vector128.Shuffle(window.GetUpper(), low.GetLower()), Vector128.Shuffle(window.GetUpper(), low.GetUpper())));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Next(Vector256<uint> positions) => Vector256.ShiftRightLogical(positions, 4);
}
