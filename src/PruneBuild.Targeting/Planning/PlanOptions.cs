using PruneBuild.Runtime;

namespace PruneBuild.Targeting;

/// <summary>What the planner may use.</summary>
public sealed record PlanOptions
{
    /// <summary>
    /// Whether activations may be quantized to 8 bits at run time, which the dense kernels below fp32 and most sparse integer
    /// kernels do. Without it int8 weights mostly save storage.
    /// </summary>
    public bool AllowInt8 { get; init; } = true;

    /// <summary>
    /// Precisions that weights may have, fp32 always among them. Null for the one they are stored in: float weights then stay
    /// float, and int8 is for weights that are int8 already.
    /// </summary>
    public IReadOnlySet<WeightPrecision>? Precisions { get; init; }

    /// <summary>Whether weights may be stored as fp32 where fewer bits are allowed and possible.</summary>
    public bool AllowFullPrecision { get; init; } = true;

    /// <summary>
    /// Threads a node runs on. One unless set: there the rates were measured, and with more threads sparse and dense kernels
    /// gain alike.
    /// </summary>
    public int Threads { get; init; } = 1;
}
