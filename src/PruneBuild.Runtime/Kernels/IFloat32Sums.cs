namespace PruneBuild.Runtime;

/// <summary>Eight float sums, one per output of a group: the registers of a float32 kernel.</summary>
/// <typeparam name="TSelf">The implementing struct.</typeparam>
internal unsafe interface IFloat32Sums<TSelf> where TSelf : struct, IFloat32Sums<TSelf>
{
    /// <summary>Lane-wise sum.</summary>
    static abstract TSelf Add(TSelf left, TSelf right);

    /// <summary>Adds one activation times 8 weights, fused where the CPU has FMA.</summary>
    static abstract TSelf MultiplyAdd(TSelf sums, float* x, float* block);

    /// <summary>Adds the bias, applies the activation and stores.</summary>
    static abstract void Store(TSelf sums, float* bias, bool relu, float* y);
}
