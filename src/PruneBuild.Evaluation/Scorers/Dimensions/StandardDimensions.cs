namespace PruneBuild.Evaluation.Scorers;

/// <summary>Dimensions that most harnesses have. Any other identifier names one too.</summary>
public static class StandardDimensions
{
    /// <summary>Whether the model does what it was told.</summary>
    public const string InstructionFollowing = "instruction_following";

    /// <summary>Whether what it says is right.</summary>
    public const string Factuality = "factuality";

    /// <summary>Whether its output has the form that the app can read.</summary>
    public const string FormatCompliance = "format_compliance";

    /// <summary>How fast it answers.</summary>
    public const string Latency = "latency";

    /// <summary>What it takes: bytes, memory, energy.</summary>
    public const string Cost = "cost";

    internal const string Expected = "an identifier is expected, such as " + InstructionFollowing + ", " + Factuality + ", " + FormatCompliance + ", " + Latency + " or " + Cost;
}
