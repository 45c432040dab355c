using System.Net;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace PruneBuild.Pipeline.Tests;

/// <summary>A server on this machine that speaks OpenAI's chat protocol as far as a judge needs it, and whatever a test wants otherwise.</summary>
internal sealed class ChatServer : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly CancellationTokenSource stop = new();

    public ChatServer()
    {
        // The listener cannot choose a free port itself.
        using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Endpoint = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/v1";
        }
        listener.Prefixes.Add(Endpoint + "/");
        listener.Start();
        _ = Task.Run(Serve);
    }

    public string Endpoint { get; }

    /// <summary>The label of an output.</summary>
    public Func<string, string> Label { get; set; } = output => output.StartsWith("bad", StringComparison.Ordinal) ? "fail" : "pass";

    /// <summary>What is sent in place of a proper answer; null for a proper one.</summary>
    public Func<string, (int Status, string Body)?> Answer { get; set; } = _ => null;

    /// <summary>How long an answer takes.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Requests so far.</summary>
    public int Requests;

    /// <summary>The key of the last request.</summary>
    public string? Key { get; private set; }

    public static string Completion(string text, string model = "judge-1") => JsonConvert.SerializeObject(new
    {
        id = "1",
        @object = "chat.completion",
        created = 0,
        model,
        choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = text } } },
    });

    public void Dispose()
    {
        stop.Cancel();
        listener.Close();
        stop.Dispose();
    }

    private async Task Serve()
    {
        while (!stop.IsCancellationRequested)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            _ = Task.Run(() => Respond(context));
        }
    }

    private async Task Respond(HttpListenerContext context)
    {
        try
        {
            Interlocked.Increment(ref Requests);
            Key = context.Request.Headers["Authorization"];
            using var reader = new StreamReader(context.Request.InputStream);
            var messages = (JArray)JObject.Parse(await reader.ReadToEndAsync())["messages"]!;
            var asked = Text(messages[^1]!["content"]!);
            var nonce = asked.Split('\n')[0]["=== input ".Length..];
            var output = asked.Split($"\n=== output {nonce}\n", 2)[1].Split($"\n=== end {nonce}")[0];
            await Task.Delay(Delay, stop.Token);
            var (status, body) = Answer(output) ?? (200, Completion($"{nonce} {Label(output)}"));
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body), stop.Token);
            context.Response.Close();
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or OperationCanceledException or IOException)
        {
            context.Response.Abort();
        }
    }

    private static string Text(JToken content) => content is JArray parts ? string.Concat(parts.Select(part => (string?)part["text"])) : (string)content!;
}
