using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace PruneBuild.Runtime.Text;

/// <summary>The tools of a request, and how the model is told of them and calls them.</summary>
/// <param name="Format">How calls are written.</param>
/// <param name="Tools">Those that the model may call.</param>
/// <param name="IsRequired">Whether it must.</param>
/// <param name="Several">Whether several calls may be demanded.</param>
internal sealed record ToolUse(ToolCallFormat Format, IReadOnlyList<AIFunctionDeclaration> Tools, bool IsRequired, bool Several)
{
    /// <summary>The tools of a request; null when it has none, or none may be called.</summary>
    /// <param name="asked">The request.</param>
    /// <param name="template">How the model is told.</param>
    /// <param name="format">How it calls; null for what the template says.</param>
    /// <exception cref="EdgeModelException">PB6115: the template takes no tools, a tool is none of functions, or a tool is required that is not there.</exception>
    public static ToolUse? Of(ChatOptions? asked, ChatTemplate template, ToolCallFormat? format)
    {
        var required = asked?.ToolMode as RequiredChatToolMode;
        if (asked?.Tools is not { Count: > 0 } tools || asked.ToolMode is NoneChatToolMode)
            return required is null ? null : throw ChatRequest.Invalid("a required tool, and has no tools");
        var functions = tools.Select(tool => tool as AIFunctionDeclaration ?? throw ChatRequest.Invalid($"the tool '{tool.Name}' of {tool.GetType().Name}; functions are supported")).ToList();
        if (!template.TakesTools)
            throw ChatRequest.Invalid("tools, which the model's chat template does not take");
        var chosen = required?.RequiredFunctionName is not { } name ? functions
            : functions.FindAll(function => function.Name == name) is { Count: > 0 } named ? named : throw ChatRequest.Invalid($"the required tool '{name}', which is none of its tools");
        return new(
            format ?? ToolCallFormats.Of(template) ?? throw ChatRequest.Invalid($"tools; the model's chat template does not say how they are called: set {nameof(EdgeChatClientOptions.ToolCalls)}"),
            chosen, required is not null, asked.AllowMultipleToolCalls == true);
    }

    /// <summary>The variable <c>tools</c> of a chat template, as publishers' templates expect it.</summary>
    public JsonArray Declarations() => Declarations(Tools.Select(tool => (tool.Name, tool.Description, (JsonNode?)JsonNode.Parse(tool.JsonSchema.GetRawText()))));

    /// <summary>As the other, of name, description and the schema of the parameters.</summary>
    public static JsonArray Declarations(IEnumerable<(string Name, string Description, JsonNode? Parameters)> tools) => [.. tools.Select(tool => (JsonNode)new JsonObject
    {
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = tool.Name, ["description"] = tool.Description, ["parameters"] = tool.Parameters },
    })];
}
