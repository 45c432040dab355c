namespace PruneBuild.Runtime;

/// <summary>
/// At most N non-zeros in each window of M inputs of one output. A unit of inputs is read in steps, each with 4 stored weights an
/// output. Constants to the JIT, so that one kernel serves every pattern.
/// </summary>
internal interface INofM
{
    /// <summary>As recipes write it, for example <c>2:4</c>.</summary>
    static abstract string Name { get; }

    static abstract int N { get; }

    static abstract int M { get; }

    /// <summary>Consecutive inputs that a step picks from.</summary>
    static abstract int InputsPerUnit { get; }

    /// <summary>Steps over the same inputs: 4 of N · InputsPerUnit / M weights each.</summary>
    static abstract int StepsPerUnit { get; }

    /// <summary>Bits of a position within its window.</summary>
    static abstract int PositionBits { get; }
}

/// <summary>Two windows make a unit, so that a step fills its 4 weights.</summary>
internal struct TwoOfFour : INofM
{
    public static string Name => "2:4";
    public static int N => 2;
    public static int M => 4;
    public static int InputsPerUnit => 8;
    public static int StepsPerUnit => 1;
    public static int PositionBits => 2;
}

/// <summary>The window is what one byte shuffle reaches.</summary>
internal struct FourOfSixteen : INofM
{
    public static string Name => "4:16";
    public static int N => 4;
    public static int M => 16;
    public static int InputsPerUnit => 16;
    public static int StepsPerUnit => 1;
    public static int PositionBits => 4;
}

/// <summary>As <see cref="FourOfSixteen"/>, with two steps a window.</summary>
internal struct EightOfSixteen : INofM
{
    public static string Name => "8:16";
    public static int N => 8;
    public static int M => 16;
    public static int InputsPerUnit => 16;
    public static int StepsPerUnit => 2;
    public static int PositionBits => 4;
}

/// <summary>The constants of a pattern, for code that need not be compiled once per pattern.</summary>
internal sealed record NofMShape(string Name, int N, int M, int InputsPerUnit, int StepsPerUnit, int PositionBits)
{
    public static NofMShape Of<TPattern>() where TPattern : struct, INofM =>
        new(TPattern.Name, TPattern.N, TPattern.M, TPattern.InputsPerUnit, TPattern.StepsPerUnit, TPattern.PositionBits);

    /// <summary>Steps whose positions share 32 bytes.</summary>
    public int StepsPerChunk => 8 / PositionBits;

    /// <summary>Stored weights of one output in a unit.</summary>
    public int SlotsPerUnit => StepsPerUnit * NofMFormat.SlotsPerStep;
}
