using Microsoft.Extensions.AI;

namespace PruneBuild.Runtime.Text;

/// <summary>What the answer to a request must be. The last constraint is kept, as requests mostly ask for the same.</summary>
internal sealed class ChatConstraints
{
    private volatile Known? last;

    /// <summary>The constraint of a request, or null.</summary>
    /// <param name="asked">The request.</param>
    /// <param name="tools">Its tools.</param>
    /// <param name="usual">What counts when it says nothing.</param>
    /// <exception cref="EdgeModelException">PB6115: a schema uses what is not supported.</exception>
    public TextConstraint? Of(ChatOptions? asked, ToolUse? tools, TextConstraint? usual)
    {
        var format = asked?.ResponseFormat as ChatResponseFormatJson;
        var mayCall = tools is not null && (tools.IsRequired || format is not null);
        if (!mayCall && format is not { Schema: not null })
            return asked?.ResponseFormat is null ? usual : format is null ? null : TextConstraint.Json;
        var key = $"{format is not null} {format?.Schema?.GetRawText()}\n{(mayCall ? $"{tools!.Format} {tools.IsRequired} {tools.Several} {tools.Declarations().ToJsonString()}" : "")}";
        var known = last;
        if (known?.Key != key)
            last = known = new(key, Make(format, mayCall ? tools : null));
        return known.Constraint;
    }

    /// <summary>Calls, where one is required; what is asked for, or calls instead, where tools may be called.</summary>
    private static TextConstraint Make(ChatResponseFormatJson? format, ToolUse? tools)
    {
        var options = new List<GrammarPart>();
        if (tools is not null)
            options.Add(ToolCallGrammar.Of(tools.Format, tools.Tools, tools.Several));
        if (tools is not { IsRequired: true })
            options.Add(format is { Schema: { } schema } ? JsonSchemaGrammar.Of(schema) : JsonGrammar.AnyObject);
        return TextConstraint.Of(GrammarPart.Choice(options));
    }

    private sealed record Known(string Key, TextConstraint Constraint);
}
