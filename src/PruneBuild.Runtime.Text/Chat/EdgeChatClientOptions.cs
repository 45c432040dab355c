using System.Text.Json.Nodes;

namespace PruneBuild.Runtime.Text;

/// <summary>How an <see cref="EdgeChatClient"/> answers.</summary>
public sealed record EdgeChatClientOptions
{
    /// <summary>What the model is called; null for <see cref="LanguageModel.Name"/>.</summary>
    public string? ModelId { get; init; }

    /// <summary>What counts where a request says nothing; null for <see cref="LanguageModel.DefaultOptions"/>.</summary>
    public GenerationOptions? Defaults { get; init; }

    /// <summary>More variables of the chat template, such as <c>enable_thinking</c>.</summary>
    public IReadOnlyDictionary<string, JsonNode?> TemplateVariables { get; init; } = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);

    /// <summary>How the model calls tools; null for what its chat template says.</summary>
    public ToolCallFormat? ToolCalls { get; init; }

    /// <summary>Whether the client closes the model when it is disposed.</summary>
    public bool OwnsModel { get; init; }
}
