using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.AI;

namespace PruneBuild.Runtime.Text;

/// <summary>
/// A language model as <see cref="IChatClient"/>. One answer is written at a time, others wait; a conversation that continues finds what was
/// said in the cache. Of <see cref="ChatOptions"/> temperature, top-p, top-k, seed, most tokens, stop sequences, instructions, JSON formats, tools
/// and <c>repetition_penalty</c> of the additional properties count; what cannot be done is refused with PB6115; other additional properties are ignored.
/// JSON and required calls are held to what is asked for token by token (<see cref="TextConstraint"/>), but only for as many tokens as are allowed: an answer that
/// ends for <see cref="ChatFinishReason.Length"/> may be cut anywhere.
/// </summary>
public sealed class EdgeChatClient : IChatClient
{
    private readonly LanguageModel model;
    private readonly EdgeChatClientOptions options;
    private readonly TextGenerator generator;
    private readonly ChatConstraints constraints = new();
    private readonly ChatClientMetadata metadata;
    private readonly SemaphoreSlim turn = new(1);

    /// <summary>Makes a client of a model.</summary>
    /// <param name="model">With a tokenizer and a chat template.</param>
    /// <param name="options">Defaults when null.</param>
    /// <exception cref="EdgeModelException">PB6110: there is no tokenizer. PB6114: there is no chat template. PB6115: the defaults are outside their range.</exception>
    public EdgeChatClient(LanguageModel model, EdgeChatClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.model = model;
        this.options = options ?? new();
        this.options.Defaults?.Validate();
        _ = (model.Tokenizer, model.ChatTemplate);
        metadata = new ChatClientMetadata(ChatTelemetry.Provider, defaultModelId: this.options.ModelId ?? model.Name);
        generator = model.CreateGenerator();
    }

    private string ModelId => metadata.DefaultModelId!;

    /// <inheritdoc/>
    /// <exception cref="EdgeModelException">PB6112 to PB6115, PB6117, PB6118.</exception>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="EdgeModelException">PB6112 to PB6115, PB6117, PB6118.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var conversation = messages.ToList();
        var settings = ChatRequest.Options(options, this.options.Defaults ?? model.DefaultOptions, ModelId, this);
        var tools = ToolUse.Of(options, model.ChatTemplate, this.options.ToolCalls);
        settings = settings with { Constraint = constraints.Of(options, tools, settings.Constraint), VisibleTokens = tools?.Format.Marks(model.Tokenizer) ?? [] };
        var (reader, ids) = (tools is null ? null : new ToolCallReader(tools.Format), ToolMessages.NewIds(conversation).GetEnumerator());
        using var activity = ChatTelemetry.Start(ModelId, settings);
        var start = Stopwatch.GetTimestamp();
        var id = Guid.NewGuid().ToString("N");
        await using var updates = Updates(ChatRequest.Messages(conversation, options), tools, settings, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await updates.MoveNextAsync().ConfigureAwait(false))
                    break;
            }
            catch (Exception exception)
            {
                ChatTelemetry.Fail(activity, ModelId, exception, Stopwatch.GetElapsedTime(start));
                throw;
            }
            var (text, result) = updates.Current;
            foreach (var content in Contents(text, isLast: result is not null, reader, ids))
                yield return Update(id, content);
            if (result is null)
                continue;
            var reason = !result.End.IsStop() ? ChatFinishReason.Length : reader is { FoundCalls: true } ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop;
            ChatTelemetry.Finish(activity, ModelId, result, reason.Value, Stopwatch.GetElapsedTime(start));
            var last = Update(id, new UsageContent(Usage(result)));
            last.FinishReason = reason;
            yield return last;
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? metadata
            : serviceType == typeof(LanguageModel) ? model
            : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Frees the cache, and closes the model if the client owns it. No answer may be in writing.</summary>
    public void Dispose()
    {
        generator.Dispose();
        turn.Dispose();
        if (options.OwnsModel)
            model.Dispose();
    }

    /// <summary>What a thread of the pool writes; it ends, too, when nobody reads on.</summary>
    private async IAsyncEnumerable<GenerationUpdate> Updates(
        List<TemplateMessage> messages, ToolUse? tools, GenerationOptions settings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var variables = tools is null ? options.TemplateVariables : new Dictionary<string, JsonNode?>(options.TemplateVariables, StringComparer.Ordinal) { ["tools"] = tools.Declarations() };
        var prompt = model.Tokenizer.Encode(model.ChatTemplate.Render(messages, addGenerationPrompt: true, variables), addSpecialTokens: false);
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var channel = Channel.CreateUnbounded<GenerationUpdate>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var writer = Task.Run(() => Write(prompt, settings, channel.Writer, end.Token), CancellationToken.None);
        try
        {
            await foreach (var update in channel.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                yield return update;
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await writer.ConfigureAwait(false);
            turn.Release();
        }
    }

    private void Write(IReadOnlyList<int> prompt, GenerationOptions settings, ChannelWriter<GenerationUpdate> channel, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var update in generator.Stream(prompt, settings, cancellationToken))
                channel.TryWrite(update);
            channel.Complete();
        }
        catch (Exception exception)
        {
            // The reader throws it.
            channel.Complete(exception);
        }
    }

    /// <summary>A part of the text, and the calls that are found in it.</summary>
    private static IEnumerable<AIContent> Contents(string text, bool isLast, ToolCallReader? reader, IEnumerator<string> ids)
    {
        if (reader is null)
            return text.Length > 0 ? [new TextContent(text)] : [];
        return reader.Push(text).Concat(isLast ? reader.Flush() : []).Select(AIContent (part) =>
            part.Call is { } call && ids.MoveNext() ? ToolMessages.Content(call, ids.Current) : new TextContent(part.Text));
    }

    private ChatResponseUpdate Update(string id, AIContent content) => new(ChatRole.Assistant, [content]) { ResponseId = id, MessageId = id, ModelId = ModelId };

    private static UsageDetails Usage(GenerationResult result) => new()
    {
        InputTokenCount = result.InputTokens,
        OutputTokenCount = result.Tokens.Count,
        TotalTokenCount = result.InputTokens + result.Tokens.Count,
        CachedInputTokenCount = result.CachedInputTokens,
    };
}
