using System.Globalization;
using Microsoft.Extensions.AI;

namespace PruneBuild.Runtime.Text;

/// <summary>A request to a chat client in the terms of the generator; what this cannot do is refused.</summary>
internal static class ChatRequest
{
    private const string RepetitionPenalty = "repetition_penalty";

    /// <summary>The settings of a request.</summary>
    /// <exception cref="EdgeModelException">PB6115: it asks for what is not supported.</exception>
    public static GenerationOptions Options(ChatOptions? asked, GenerationOptions defaults, string modelId, IChatClient client)
    {
        if (asked is null)
            return defaults with { StartsText = true };
        Refuse(asked, modelId);
        if (asked.RawRepresentationFactory?.Invoke(client) is { } raw)
            defaults = raw as GenerationOptions ?? throw Invalid($"a raw representation of {raw.GetType().Name}; {nameof(GenerationOptions)} is expected");
        return defaults with
        {
            StartsText = true,
            Temperature = asked.Temperature ?? defaults.Temperature,
            TopP = asked.TopP ?? defaults.TopP,
            TopK = asked.TopK ?? defaults.TopK,
            Seed = asked.Seed ?? defaults.Seed,
            MaxTokens = asked.MaxOutputTokens ?? defaults.MaxTokens,
            StopStrings = asked.StopSequences is { } stops ? [.. stops] : defaults.StopStrings,
            RepetitionPenalty = asked.AdditionalProperties?.GetValueOrDefault(RepetitionPenalty) is IConvertible penalty
                ? penalty.ToSingle(CultureInfo.InvariantCulture) : defaults.RepetitionPenalty,
        };
    }

    /// <summary>The messages of a request, its instructions first.</summary>
    /// <exception cref="EdgeModelException">PB6115: a message is neither of text nor of calls and their results.</exception>
    public static List<TemplateMessage> Messages(IReadOnlyList<ChatMessage> messages, ChatOptions? asked)
    {
        var called = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var call in messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>())
            called[call.CallId] = call.Name;
        var made = messages.SelectMany(message => Messages(message, called)).ToList();
        if (asked?.Instructions is not { Length: > 0 } instructions)
            return made;
        // Most templates know one message of the system, at the beginning.
        if (made is [{ Role: "system" } first, ..])
            made[0] = first with { Content = $"{instructions}\n{first.Content}" };
        else
            made.Insert(0, new TemplateMessage(ChatRole.System.Value, instructions));
        return made;
    }

    /// <summary>A message, and one more for each result in it.</summary>
    private static IEnumerable<TemplateMessage> Messages(ChatMessage message, IReadOnlyDictionary<string, string> called)
    {
        var (text, results) = (string.Concat(message.Contents.Select(Text)), message.Contents.OfType<FunctionResultContent>().ToList());
        TemplateToolCall[] calls = [.. message.Contents.OfType<FunctionCallContent>().Select(ToolMessages.Call)];
        if (text.Length > 0 || results.Count == 0 || calls.Length > 0)
            yield return new(message.Role.Value, text) { ToolCalls = calls };
        foreach (var result in results)
            yield return ToolMessages.Result(result, called);
    }

    private static string Text(AIContent content) => content switch
    {
        TextContent text => text.Text,
        // What was thought, and what it took, is no part of the conversation.
        TextReasoningContent or UsageContent => "",
        FunctionCallContent or FunctionResultContent => "",
        _ => throw Invalid($"a message with {content.GetType().Name}; text, or calls of tools and their results, are expected"),
    };

    private static void Refuse(ChatOptions asked, string modelId)
    {
        var reason = asked.ModelId is { } model && model != modelId ? $"the model '{model}'; this client has '{modelId}'"
            : asked.ResponseFormat is not (null or ChatResponseFormatText or ChatResponseFormatJson) ? $"a response format of {asked.ResponseFormat.GetType().Name}; text and JSON are supported"
            : asked.FrequencyPenalty is not (null or 0) ? "a frequency penalty; repetition_penalty of AdditionalProperties is supported"
            : asked.PresencePenalty is not (null or 0) ? "a presence penalty; repetition_penalty of AdditionalProperties is supported"
            : asked.ConversationId is not null ? "a conversation that the client remembers"
            : asked.Reasoning is not null ? "options of reasoning; a variable of the chat template may do it"
            : asked.AllowBackgroundResponses == true || asked.ContinuationToken is not null ? "a response in the background"
            : null;
        if (reason is not null)
            throw Invalid(reason);
    }

    /// <summary>PB6115.</summary>
    internal static EdgeModelException Invalid(string asked) => new(EdgeModelException.GenerationInvalid, $"The request asks for {asked}.");
}
