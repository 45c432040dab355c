using Newtonsoft.Json.Linq;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>One call of a tool that a model asked for.</summary>
/// <param name="Name">Name of the tool.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record ToolCall(string Name, JObject Arguments);

/// <summary>What a model wrote for one case.</summary>
/// <param name="CaseId">Name of the case.</param>
/// <param name="Output">The text.</param>
public sealed record Generation(string CaseId, string Output)
{
    /// <summary>Tools that it asked for, in order.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>Why the text ended; null where nobody knows.</summary>
    public TextEnd? End { get; init; }

    /// <summary>Numbers that it gave, where the task is not to write.</summary>
    public IReadOnlyList<float> Numbers { get; init; } = [];

    /// <summary>What is right, where that is a number.</summary>
    public double? Target { get; init; }
}
