namespace PruneBuild.Evaluation.Profiles;

/// <summary>How limits are made.</summary>
public sealed record ProfiledOptions
{
    /// <summary>
    /// Whether address space is limited where no control group can be made. Not for a .NET program: its heap reserves far more than it uses, and
    /// below some hundred megabytes it does not even start.
    /// </summary>
    public bool LimitsAddressSpace { get; init; } = true;

    /// <summary>Where control groups are mounted.</summary>
    internal string GroupRoot { get; init; } = ControlGroup.DefaultRoot;

    /// <summary>Path of the own group under the root; null to ask the kernel.</summary>
    internal string? OwnGroup { get; init; }
}
