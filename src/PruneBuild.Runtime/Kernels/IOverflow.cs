namespace PruneBuild.Runtime;

/// <summary>Whether weights outside the pattern's slots follow; a constant to the JIT.</summary>
internal interface IOverflow
{
    static abstract bool Exists { get; }
}

internal struct NoOverflow : IOverflow
{
    public static bool Exists => false;
}

internal struct SomeOverflow : IOverflow
{
    public static bool Exists => true;
}
