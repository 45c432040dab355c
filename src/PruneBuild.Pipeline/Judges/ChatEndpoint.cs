using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using PruneBuild.Evaluation.Judging;

namespace PruneBuild.Pipeline;

/// <summary>
/// A judge's endpoint. Its key comes from an environment variable and from nowhere else, and goes to the endpoint and to nobody else:
/// redirections are not followed.
/// </summary>
internal static class ChatEndpoint
{
    private const long MostAnswerBytes = 1 << 20;
    private const int Retries = 2;
    private const string NoKey = "none";

    /// <exception cref="Diagnostics.PruneBuildException">PB5044 at the judge: the variable is not set.</exception>
    public static IChatClient Open(HarnessJudge judge)
    {
        var key = NoKey;
        if (judge.KeyVariable is { } variable)
        {
            key = Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value
                : throw judge.SpecFile.NamedAt.Error("PB5044", "*", $"the environment variable '{variable}', which holds the key of judge '{judge.Name}', is not set");
        }
        var handler = new BoundedAnswers(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }, MostAnswerBytes);
        // The judge's own time-out covers every try.
        var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        var options = new OpenAIClientOptions
        {
            Endpoint = judge.Endpoint,
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(Retries),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        };
        return new ChatClient(judge.Spec.Model, new ApiKeyCredential(key), options).AsIChatClient();
    }
}
