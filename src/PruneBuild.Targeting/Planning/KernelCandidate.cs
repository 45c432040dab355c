namespace PruneBuild.Targeting;

/// <summary>Where a layer's weights come from at run time.</summary>
public enum MemoryRegime
{
    /// <summary>The last-level cache holds them from the run before.</summary>
    Cache,

    /// <summary>Main memory.</summary>
    Memory,
}

/// <summary>A kernel that a layer could get, with what the roofline model predicts for it.</summary>
/// <param name="Kernel">One of <see cref="KernelName"/>, or the name of a packed format.</param>
/// <param name="Precision">Precision of the weights as the kernel reads them: <c>fp32</c>, <c>int8</c> or <c>int4</c>.</param>
/// <param name="IsSparse">Whether zeros are skipped.</param>
/// <param name="Bytes">Weight bytes that one run reads; 0 where an obstacle came before the prediction.</param>
/// <param name="Microseconds">Predicted time of the node; 0 where an obstacle came before the prediction.</param>
/// <param name="Regime">Where the weights are read from.</param>
/// <param name="Obstacle">Why the kernel cannot be used here; null when it can.</param>
public sealed record KernelCandidate(
    string Kernel,
    string Precision,
    bool IsSparse,
    long Bytes,
    double Microseconds,
    MemoryRegime Regime,
    string? Obstacle = null)
{
    /// <summary>Fraction of the pattern's units that a sparse kernel skips, 0 to 1.</summary>
    public double Sparsity { get; init; }
}
