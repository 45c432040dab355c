using System.Runtime.CompilerServices;

namespace PruneBuild.Runtime;

/// <summary>Where a unit of inputs lies behind the start of a row of activations.</summary>
internal unsafe interface IUnitAddress
{
    /// <summary>Elements from the row's start to a unit's first input.</summary>
    static abstract nint Of(int* offsets, nint unit, int inputsPerUnit);

    /// <summary>Elements from the row's start to a single input.</summary>
    static abstract nint OfInput(int* offsets, nuint input, int inputsPerUnit);
}

/// <summary>Inputs follow each other: a matrix product.</summary>
internal unsafe struct Contiguous : IUnitAddress
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Of(int* offsets, nint unit, int inputsPerUnit) => unit * inputsPerUnit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint OfInput(int* offsets, nuint input, int inputsPerUnit) => (nint)input;
}

/// <summary>A table says: an implicit convolution, whose rows of inputs overlap in a padded image.</summary>
internal unsafe struct Indirect : IUnitAddress
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Of(int* offsets, nint unit, int inputsPerUnit) => offsets[unit];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint OfInput(int* offsets, nuint input, int inputsPerUnit) =>
        offsets[input / (nuint)inputsPerUnit] + (nint)(input % (nuint)inputsPerUnit);
}
