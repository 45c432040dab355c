using Microsoft.Extensions.AI;
using static PruneBuild.Runtime.Text.GrammarPart;

namespace PruneBuild.Runtime.Text;

/// <summary>The texts by which a model calls tools with arguments that are valid by their schemas.</summary>
internal static class ToolCallGrammar
{
    /// <summary>The texts.</summary>
    /// <param name="format">How calls are written.</param>
    /// <param name="tools">Those that may be called.</param>
    /// <param name="several">Whether there may be more than one call; not where the format has but one.</param>
    /// <exception cref="EdgeModelException">PB6115: a schema uses what is not supported.</exception>
    public static GrammarPart Of(ToolCallFormat format, IReadOnlyList<AIFunctionDeclaration> tools, bool several)
    {
        var call = Choice([.. tools.Select(tool => Call(tool, format == ToolCallFormat.Llama ? "parameters" : "arguments"))]);
        int? most = several ? null : 1;
        return format switch
        {
            ToolCallFormat.Llama => call,
            ToolCallFormat.Mistral => Sequence(Exactly(ToolCallFormats.List), Optional(Exactly(" ")), JsonGrammar.List(call, 1, most)),
            _ => Lines(Sequence(Exactly(ToolCallFormats.Start), Line, call, Line, Exactly(ToolCallFormats.End)), most),
        };
    }

    private static GrammarPart Line => Optional(Exactly("\n"));

    private static GrammarPart Lines(GrammarPart call, int? most) => Sequence(call, Repeat(Sequence(Line, call), 0, most - 1));

    private static GrammarPart Call(AIFunctionDeclaration tool, string arguments)
    {
        try
        {
            return JsonGrammar.Object([("name", Exactly(JsonGrammar.Quoted(tool.Name)), true), (arguments, JsonSchemaGrammar.Of(tool.JsonSchema), true)]);
        }
        catch (EdgeModelException exception)
        {
            throw new EdgeModelException(exception.Code, $"The tool '{tool.Name}' cannot be called by a constraint. {exception.Message}", exception);
        }
    }
}
