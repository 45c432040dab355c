using Microsoft.Extensions.AI;

namespace PruneBuild.Evaluation.Tests.Judging;

/// <summary>A language model that a test writes: it gets number, input and output of the question and answers with a text.</summary>
internal sealed class FakeChatClient(Func<string, string, string, string> answer) : IChatClient
{
    public List<(IReadOnlyList<ChatMessage> Messages, ChatOptions Options)> Calls { get; } = [];

    public Func<CancellationToken, Task> Delay { get; init; } = _ => Task.CompletedTask;

    public string? ModelId { get; init; }

    /// <summary>One that answers properly with a label.</summary>
    public static FakeChatClient Proper(Func<string, string, string> label) => new((nonce, input, output) => $"{nonce} {label(input, output)}");

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatMessage[] all = [.. messages];
        Calls.Add((all, options!));
        await Delay(cancellationToken);
        var text = all[^1].Text;
        var nonce = text.Split('\n')[0]["=== input ".Length..];
        var parts = text.Split($"=== input {nonce}\n", 2)[1].Split($"\n=== output {nonce}\n", 2);
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, answer(nonce, parts[0], parts[1].Split($"\n=== end {nonce}")[0]))) { ModelId = ModelId };
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
