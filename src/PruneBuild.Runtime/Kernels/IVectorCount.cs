namespace PruneBuild.Runtime;

/// <summary>Vectors that make up a block or a row of a panel; a constant to the JIT, which drops the code of those that are not there.</summary>
internal interface IVectorCount
{
    static abstract int Vectors { get; }
}

internal struct OneVector : IVectorCount
{
    public static int Vectors => 1;
}

internal struct TwoVectors : IVectorCount
{
    public static int Vectors => 2;
}

internal struct FourVectors : IVectorCount
{
    public static int Vectors => 4;
}

internal struct EightVectors : IVectorCount
{
    public static int Vectors => 8;
}
