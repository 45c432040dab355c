namespace PruneBuild.Runtime;

/// <summary>Rows a kernel takes at once; a constant to the JIT, which drops the code of rows that are not there.</summary>
internal interface IRowTile
{
    static abstract int Rows { get; }
}

internal struct OneRow : IRowTile
{
    public static int Rows => 1;
}

internal struct TwoRows : IRowTile
{
    public static int Rows => 2;
}

internal struct ThreeRows : IRowTile
{
    public static int Rows => 3;
}

internal struct FourRows : IRowTile
{
    public static int Rows => 4;
}

internal struct EightRows : IRowTile
{
    public static int Rows => 8;
}
