using System.Text.Json;
using Microsoft.Extensions.AI;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests;

/// <summary>What a model writes: as a chat, freely and, where the vocabulary can, held to a schema and to a call of a tool. Tests compare it under the JIT and compiled ahead of time.</summary>
internal static class TextCheck
{
    private const string Schema = """
        { "type": "object", "properties": { "name": { "type": "string", "maxLength": 8 }, "on": { "type": ["boolean", "null"] }, "level": { "type": "integer" } }, "required": ["name", "level"] }
        """;

    /// <summary>The answers, a line each.</summary>
    /// <param name="folder">Of the model.</param>
    /// <param name="question">What it is asked.</param>
    /// <param name="withTools">Whether its template takes tools.</param>
    public static async Task<IReadOnlyList<string>> RunAsync(string folder, string question, bool withTools)
    {
        using var client = new EdgeChatClient(LanguageModel.Open(folder, new() { Threads = 1 }), new() { OwnsModel = true });
        using var schema = JsonDocument.Parse(Schema);
        var free = await client.GetResponseAsync(question, new ChatOptions { MaxOutputTokens = 40 });
        List<string> lines = [JsonEncodedText.Encode(free.Text).ToString()];
        if (!withTools)
            return lines;
        var typed = await client.GetResponseAsync(question, new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema.RootElement), Temperature = 1, Seed = 5 });
        lines.Add(JsonEncodedText.Encode(typed.Text).ToString());
        var tool = AIFunctionFactory.CreateDeclaration("lamp", "Turns it on or off.", schema.RootElement);
        List<ChatMessage> messages = [new(ChatRole.User, question)];
        var called = await client.GetResponseAsync(messages, new ChatOptions { Tools = [tool], ToolMode = ChatToolMode.RequireAny });
        var call = called.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Single();
        lines.Add($"{call.CallId} {call.Name} {string.Join(' ', call.Arguments!.Select(argument => $"{argument.Key}={JsonEncodedText.Encode(((JsonElement)argument.Value!).GetRawText())}"))}");
        messages.AddRange(called.Messages);
        messages.Add(new(ChatRole.Tool, [new FunctionResultContent(call.CallId, 21.5)]));
        var last = await client.GetResponseAsync(messages, new ChatOptions { Tools = [tool], ToolMode = ChatToolMode.None, MaxOutputTokens = 10 });
        lines.Add($"{last.Usage!.InputTokenCount} {last.FinishReason}");
        return lines;
    }
}
