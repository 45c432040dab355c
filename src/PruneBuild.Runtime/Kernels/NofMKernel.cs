using System.Runtime.CompilerServices;

namespace PruneBuild.Runtime;

/// <summary>How the steps of an N:M pattern pick their activations: what the kernels of both precisions inline into their loops.</summary>
internal abstract unsafe class NofMKernel<TPattern, TTier, TBytes, TPartial, TSums>
    where TPattern : struct, INofM
    where TTier : struct, IInt8Tier<TBytes, TPartial, TSums>
    where TBytes : struct
    where TPartial : struct
    where TSums : struct
{
    /// <summary>The third and fourth slot of a 2:4 step belong to the second window of its unit.</summary>
    private const ulong SecondWindow = 0x0404_0000_0404_0000;

    protected static int StepsPerChunk
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TPattern.PositionBits == 2 ? 4 : 2;
    }

    protected static int UnitsPerChunk
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TPattern.PositionBits == 2 ? 4 : TPattern.StepsPerUnit == 1 ? 2 : 1;
    }

    /// <summary>Elements from a row's start to a unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static nint UnitAt<TAddress>(int* offsets, nint unit) where TAddress : struct, IUnitAddress => TAddress.Of(offsets, unit, TPattern.InputsPerUnit);

    /// <summary>Elements from a row's start to an input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static nint InputAt<TAddress>(int* offsets, nuint input) where TAddress : struct, IUnitAddress =>
        TAddress.OfInput(offsets, input, TPattern.InputsPerUnit);

    /// <summary>The activations of a step, each beside its weight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static TBytes Pick(byte* x, TBytes picks) => TTier.Pick(TPattern.InputsPerUnit == 8 ? TTier.Octet(x) : TTier.Window(x), picks);

    /// <summary>What the first step of these positions picks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static TBytes Picks(TBytes positions) =>
        TPattern.PositionBits == 2 ? TTier.Or(TTier.And(positions, 3), SecondWindow) : TTier.And(positions, 15);

    /// <summary>Moves on to the positions of the next step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static TBytes Next(TBytes positions) => TPattern.PositionBits == 2 ? TTier.ShiftRight(positions, 2) : TTier.ShiftRight(positions, 4);

    /// <summary>As <see cref="Next"/> twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static TBytes Second(TBytes positions) => TTier.ShiftRight(positions, 4);

    /// <summary>As <see cref="Next"/> three times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static TBytes Third(TBytes positions) => TTier.ShiftRight(positions, 6);
}
