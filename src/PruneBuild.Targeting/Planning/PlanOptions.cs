namespace PruneBuild.Targeting;

/// <summary>What the planner may use.</summary>
public sealed record PlanOptions
{
    /// <summary>
    /// Whether activations may be quantized to 8 bits at run time, which both int8 kernels do. Without it int8 weights
    /// only save storage.
    /// </summary>
    public bool AllowInt8 { get; init; } = true;

    /// <summary>
    /// Threads a node runs on. One unless set: there the rates were measured, and with more threads sparse and dense kernels
    /// gain alike.
    /// </summary>
    public int Threads { get; init; } = 1;
}
