namespace PruneBuild.Runtime;

/// <summary>How an <see cref="EdgeModel"/> is loaded.</summary>
public sealed record EdgeModelOptions
{
    /// <summary>Whether to run an artifact that the gate did not pass, for example while evaluating it.</summary>
    public bool AllowUngated { get; init; }

    /// <summary>Threads within one operator; 0 lets ONNX Runtime use every physical core.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Whether threads spin from one operator to the next during a run instead of sleeping: faster where operators are many and small, at the price of a
    /// core. They sleep between runs.
    /// </summary>
    public bool WaitActively { get; init; }
}
