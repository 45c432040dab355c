namespace PruneBuild.Runtime;

/// <summary>Eight int32 sums, one per output of a group: the registers of an int8 kernel. An ISA tier is one implementation.</summary>
/// <typeparam name="TSelf">The implementing struct.</typeparam>
internal unsafe interface IInt32Sums<TSelf> where TSelf : struct, IInt32Sums<TSelf>
{
    /// <summary>Reads eight initial sums.</summary>
    static abstract TSelf Load(int* source);

    /// <summary>Lane-wise sum, wrapping.</summary>
    static abstract TSelf Add(TSelf left, TSelf right);

    /// <summary>Adds to lane n the dot product of 4 activations (unsigned, at most 127) and the n-th 4 of 32 weights.</summary>
    static abstract TSelf Dot(TSelf sums, uint* quad, sbyte* block);

    /// <summary>Stores rowScale · (sum · outputScale), then bias and activation.</summary>
    static abstract void Store(TSelf sums, float rowScale, float* outputScales, float* bias, bool relu, float* y);
}
