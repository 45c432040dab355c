using System.Text.Json;
using Microsoft.Extensions.AI;
using PruneBuild.Runtime;
using PruneBuild.Runtime.Text;
using PruneBuild.Tests.Chat.Tools;
using PruneBuild.Tests.Generation;

namespace PruneBuild.Tests.Chat;

public sealed class JsonFormatTests : IDisposable
{
    private readonly ScriptedModel scripted = new() { Template = ToolTemplates.Plain };
    private readonly EdgeChatClient client;

    public JsonFormatTests() => client = new EdgeChatClient(scripted.Open(), new() { OwnsModel = true });

    public void Dispose()
    {
        client.Dispose();
        scripted.Dispose();
    }

    private sealed record Meter(string Unit, long Digits, bool? IsWater);

    [Fact]
    public async Task A_typed_answer_can_be_read_whatever_the_model_is()
    {
        // A string of random bytes has no end that is near.
        var schema = AIJsonUtilities.CreateJsonSchema(typeof(Meter)).GetRawText().Replace("\"type\":\"string\"", "\"type\":\"string\",\"maxLength\":9", StringComparison.Ordinal);
        using var document = JsonDocument.Parse(schema);
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(document.RootElement), Temperature = 1 };
        for (var seed = 0; seed < 5; seed++)
        {
            options.Seed = seed;
            var response = await client.GetResponseAsync("hi", options);
            Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
            Assert.NotNull(JsonSerializer.Deserialize<Meter>(response.Text, JsonSerializerOptions.Web));
        }
    }

    [Fact]
    public async Task Any_object_of_JSON_may_be_asked_for_and_a_limit_cuts_it()
    {
        var response = await client.GetResponseAsync("hi", new ChatOptions { ResponseFormat = ChatResponseFormat.Json, MaxOutputTokens = 3 });
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.StartsWith("{", response.Text.TrimStart(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_usual_constraint_counts_until_a_request_says_otherwise()
    {
        using var model = scripted.Open();
        using var strict = new EdgeChatClient(model, new() { Defaults = new() { Constraint = TextConstraint.Json, MaxTokens = 8 } });
        var free = (await client.GetResponseAsync("hi", new ChatOptions { MaxOutputTokens = 8 })).Text;
        Assert.NotEqual(free, (await strict.GetResponseAsync("hi")).Text);
        Assert.Equal(free, (await strict.GetResponseAsync("hi", new ChatOptions { ResponseFormat = ChatResponseFormat.Text })).Text);
    }

    [Fact]
    public async Task A_stream_is_the_same_text()
    {
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.Json, MaxOutputTokens = 40, Seed = 1, Temperature = 1 };
        var updates = await client.GetStreamingResponseAsync([new(ChatRole.User, "hi")], options).ToListAsync();
        Assert.Equal((await client.GetResponseAsync("hi", options)).Text, string.Concat(updates.Select(update => update.Text)));
    }

    [Fact]
    public async Task A_keyword_that_is_not_supported_is_named()
    {
        using var document = JsonDocument.Parse("""{ "type": "object", "properties": { "a": { "multipleOf": 2 } } }""");
        var error = await Assert.ThrowsAsync<EdgeModelException>(() => client.GetResponseAsync("hi", new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(document.RootElement) }));
        Assert.Equal(EdgeModelException.GenerationInvalid, error.Code);
        Assert.Contains("'#/properties/a/multipleOf'", error.Message, StringComparison.Ordinal);
    }
}
