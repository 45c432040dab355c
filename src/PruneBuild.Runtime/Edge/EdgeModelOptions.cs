namespace PruneBuild.Runtime;

/// <summary>How an <see cref="EdgeModel"/> is loaded.</summary>
public sealed record EdgeModelOptions
{
    /// <summary>Whether to run an artifact that the gate did not pass, for example while evaluating it.</summary>
    public bool AllowUngated { get; init; }

    /// <summary>Threads within one operator; 0 lets ONNX Runtime use every physical core.</summary>
    public int Threads { get; init; }
}
