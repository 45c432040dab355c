using Microsoft.Extensions.AI;
using PruneBuild.Runtime.Text;

namespace HomeAssistant;

/// <summary>The compressed model, as the build put it beside the app. Every sentence is a conversation of its own.</summary>
internal sealed class Assistant : IDisposable
{
    private readonly LanguageModel model = LanguageModel.Load("assistant");
    private readonly EdgeChatClient client;

    public Assistant() => client = new EdgeChatClient(model);

    /// <summary>Answers a sentence.</summary>
    /// <param name="sentence">What a person says.</param>
    /// <param name="write">Gets the parts of the answer as they are written.</param>
    /// <returns>The whole answer.</returns>
    public async Task<string> AnswerAsync(string sentence, Action<string>? write = null)
    {
        var answer = "";
        await foreach (var update in client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, sentence)]))
        {
            write?.Invoke(update.Text);
            answer += update.Text;
        }
        return answer;
    }

    public void Dispose()
    {
        client.Dispose();
        model.Dispose();
    }
}
