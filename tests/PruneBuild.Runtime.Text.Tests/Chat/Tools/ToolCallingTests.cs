using System.Text.Json;
using Microsoft.Extensions.AI;
using PruneBuild.Runtime;
using PruneBuild.Runtime.Text;
using PruneBuild.Tests.Generation;

namespace PruneBuild.Tests.Chat.Tools;

public sealed class ToolCallingTests
{
    private const string Told = "function weather Tells it. city,days;function stop Stops. ;";
    private const string Question = "user:How is it?;assistant:";

    private static readonly AIFunction Weather = AIFunctionFactory.Create((string city, int days = 1) => $"{days} sunny in {city}", "weather", "Tells it.");
    private static readonly AIFunction Stop = AIFunctionFactory.Create(() => "stopped", "stop", "Stops.");
    private static readonly ChatOptions Both = new() { Tools = [Weather, Stop] };

    public static TheoryData<ToolCallFormat, string> Formats => new()
    {
        { ToolCallFormat.Hermes, """<tool_call>{"name": "weather", "arguments": {"city": "Bern", "days": 3}}</tool_call>""" },
        { ToolCallFormat.Llama, """{"name": "weather", "parameters": {"city": "Bern", "days": 3}}""" },
        { ToolCallFormat.Mistral, """[TOOL_CALLS][{"name": "weather", "arguments": {"city": "Bern", "days": 3}}]""" },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task The_model_is_told_of_tools_and_its_call_is_found(ToolCallFormat format, string call)
    {
        using var scripted = Scripted(format);
        using var client = Client(scripted.Say(Length(scripted, Told + Question), call));
        var response = await client.GetResponseAsync("How is it?", Both);
        var content = Assert.IsType<FunctionCallContent>(Assert.Single(response.Messages.Single().Contents));
        Assert.Equal(("weather", ChatFinishReason.ToolCalls), (content.Name, response.FinishReason));
        Assert.Equal("""{"city":"Bern","days":3}""", JsonSerializer.Serialize(content.Arguments));

        var updates = await client.GetStreamingResponseAsync([new(ChatRole.User, "How is it?")], Both).ToListAsync();
        Assert.Equal(content.CallId, updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>().Single().CallId);
        Assert.DoesNotContain(updates, update => update.Text.Length > 0);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_client_that_calls_functions_goes_on_with_their_results(ToolCallFormat format, string call)
    {
        using var scripted = Scripted(format);
        // What the template makes of the call and its result decides where the model answers.
        var second = $"{Told}user:How is it?;assistant:{call};tool:3 sunny in Bern[weather];assistant:";
        scripted.Say(Length(scripted, Told + Question), call).Say(Length(scripted, second), "Sunny.");
        using var client = Client(scripted).AsBuilder().UseFunctionInvocation().Build();
        var response = await client.GetResponseAsync("How is it?", Both);
        Assert.Equal(("Sunny.", ChatFinishReason.Stop), (response.Text, response.FinishReason));
        Assert.Equal([ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant], response.Messages.Select(message => message.Role));
        var streamed = await client.GetStreamingResponseAsync([new(ChatRole.User, "How is it?")], Both).ToListAsync();
        Assert.Equal("Sunny.", string.Concat(streamed.Select(update => update.Text)));
    }

    [Theory]
    [InlineData(ToolCallFormat.Hermes)]
    [InlineData(ToolCallFormat.Llama)]
    [InlineData(ToolCallFormat.Mistral)]
    public async Task A_required_tool_is_called_by_a_model_that_would_write_anything(ToolCallFormat format)
    {
        using var scripted = Scripted(format);
        using var client = Client(scripted);
        // A string of random bytes has no end that is near.
        var bounded = Declaration("""{ "type": "object", "properties": { "city": { "type": "string", "maxLength": 5 } }, "required": ["city"] }""");
        var called = new HashSet<string>();
        for (var seed = 1; seed < 12; seed++)
        {
            var any = await client.GetResponseAsync("How is it?", new ChatOptions { Tools = [bounded, Stop], ToolMode = ChatToolMode.RequireAny, Temperature = 1, Seed = seed });
            var made = Assert.IsType<FunctionCallContent>(Assert.Single(any.Messages.Single().Contents));
            Assert.Equal(ChatFinishReason.ToolCalls, any.FinishReason);
            Assert.Equal(made.Name == "stop" ? [] : ["city"], made.Arguments!.Keys);
            called.Add(made.Name);
        }
        Assert.Equal(["f", "stop"], called.Order());
        var stop = await client.GetResponseAsync("How is it?", new ChatOptions { Tools = [Weather, Stop], ToolMode = ChatToolMode.RequireSpecific("stop") });
        var call = Assert.IsType<FunctionCallContent>(Assert.Single(stop.Messages.Single().Contents));
        Assert.Equal(("stop", 0, ChatFinishReason.ToolCalls), (call.Name, call.Arguments!.Count, stop.FinishReason));
    }

    [Fact]
    public async Task A_required_call_has_arguments_of_the_types_of_the_function()
    {
        object?[] given = [];
        var function = AIFunctionFactory.Create((long count, double share, bool sure, DayOfWeek day, DateOnly date, Guid id, bool[] flags, long? most = null) => given = [count, share, sure, day, date, id, flags, most], "f", "It.");
        using var scripted = Scripted(ToolCallFormat.Hermes);
        using var client = Client(scripted);
        for (var seed = 1; seed < 6; seed++)
        {
            given = [];
            var response = await client.GetResponseAsync("How is it?", new ChatOptions { Tools = [function], ToolMode = ChatToolMode.RequireAny, Temperature = 1, Seed = seed });
            var call = Assert.IsType<FunctionCallContent>(Assert.Single(response.Messages.Single().Contents));
            await function.InvokeAsync(new(call.Arguments), TestContext.Current.CancellationToken);
            Assert.Equal(8, given.Length);
        }
    }

    [Fact]
    public async Task Several_calls_may_be_required()
    {
        const string both = """<tool_call>{"name":"stop","arguments":{}}</tool_call><tool_call>{"name":"stop","arguments":{}}</tool_call>""";
        using var scripted = Scripted(ToolCallFormat.Hermes);
        using var client = Client(scripted.Say(Length(scripted, "function stop Stops. ;" + Question), both));
        async Task<int> Calls(bool? several) => (await client.GetResponseAsync("How is it?",
            new ChatOptions { Tools = [Stop], ToolMode = ChatToolMode.RequireAny, AllowMultipleToolCalls = several })).Messages.Single().Contents.OfType<FunctionCallContent>().Select(call => call.CallId).Distinct().Count();
        Assert.Equal((2, 1), (await Calls(true), await Calls(null)));
    }

    [Fact]
    public async Task A_model_that_calls_nothing_answers_with_text()
    {
        using var scripted = Scripted(ToolCallFormat.Hermes);
        using var client = Client(scripted.Say(Length(scripted, Told + Question), "1 < 2, fine. "));
        var response = await client.GetResponseAsync("How is it?", Both);
        Assert.Equal(("1 < 2, fine. ", ChatFinishReason.Stop), (response.Text, response.FinishReason));
    }

    [Fact]
    public async Task Without_permission_the_model_is_not_told_of_tools()
    {
        using var scripted = Scripted(ToolCallFormat.Hermes);
        using var client = Client(scripted.Say(Length(scripted, Question), "Fine."));
        Assert.Equal("Fine.", (await client.GetResponseAsync("How is it?", new ChatOptions { Tools = [Stop], ToolMode = ChatToolMode.None })).Text);
    }

    [Fact]
    public async Task With_a_format_an_answer_is_of_it_or_a_call()
    {
        using var scripted = Scripted(ToolCallFormat.Hermes);
        using var client = Client(scripted.Say(Length(scripted, "function stop Stops. ;" + Question), "<tool_call>{\"name\":\"stop\",\"arguments\":{}}</tool_call>")
            .Say(Length(scripted, "function stop Stops. ;user:And?;assistant:"), "{\"a\":1}"));
        var options = new ChatOptions { Tools = [Stop], ResponseFormat = ChatResponseFormat.Json };
        Assert.Equal(ChatFinishReason.ToolCalls, (await client.GetResponseAsync("How is it?", options)).FinishReason);
        Assert.Equal("{\"a\":1}", (await client.GetResponseAsync("And?", options)).Text);
    }

    [Fact]
    public async Task Calls_in_a_conversation_have_identities_of_their_own()
    {
        using var scripted = Scripted(ToolCallFormat.Mistral);
        using var client = Client(scripted);
        List<ChatMessage> messages = [new(ChatRole.User, "a"), new(ChatRole.Assistant, [new FunctionCallContent("call00001", "stop")]), new(ChatRole.Tool, [new FunctionResultContent("call00001", 5)])];
        var response = await client.GetResponseAsync(messages, new ChatOptions { Tools = [Stop], ToolMode = ChatToolMode.RequireAny });
        var id = response.Messages.Single().Contents.OfType<FunctionCallContent>().Single().CallId;
        Assert.Matches("^[a-z0-9]{9}$", id);
        Assert.NotEqual("call00001", id);
    }

    public static TheoryData<string, string?, ChatOptions> Refused => new()
    {
        { "does not take", ToolTemplates.Plain, new() { Tools = [Stop] } },
        { "does not say how", "{{ tools }}x", new() { Tools = [Stop] } },
        { "none of its tools", null, new() { Tools = [Stop], ToolMode = ChatToolMode.RequireSpecific("go") } },
        { "has no tools", null, new() { ToolMode = ChatToolMode.RequireAny } },
        { "HostedWebSearchTool", null, new() { Tools = [new HostedWebSearchTool()] } },
        { "'pattern'", null, new() { Tools = [Declaration("""{ "type": "object", "properties": { "a": { "type": "string", "pattern": "x" } } }""")], ToolMode = ChatToolMode.RequireAny } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_cannot_be_done_is_refused(string reason, string? template, ChatOptions options)
    {
        using var scripted = new ScriptedModel { Template = template ?? ToolTemplates.Hermes };
        using var client = Client(scripted);
        var error = await Assert.ThrowsAsync<EdgeModelException>(() => client.GetResponseAsync("hi", options));
        Assert.Equal(EdgeModelException.GenerationInvalid, error.Code);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_option_says_how_calls_are_written_where_the_template_does_not()
    {
        using var scripted = new ScriptedModel { Template = "{{ (tools or []) | length }}" };
        scripted.Say(1, """{"name":"stop","parameters":{}}""");
        using var client = new EdgeChatClient(scripted.Open(), new() { OwnsModel = true, ToolCalls = ToolCallFormat.Llama });
        Assert.Equal(ChatFinishReason.ToolCalls, (await client.GetResponseAsync("hi", new ChatOptions { Tools = [Stop] })).FinishReason);
    }

    private static AIFunctionDeclaration Declaration(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        return AIFunctionFactory.CreateDeclaration("f", "It.", document.RootElement.Clone());
    }

    private static ScriptedModel Scripted(ToolCallFormat format) => new()
    {
        Template = format switch { ToolCallFormat.Hermes => ToolTemplates.Hermes, ToolCallFormat.Llama => ToolTemplates.Llama, _ => ToolTemplates.Mistral },
    };

    private static EdgeChatClient Client(ScriptedModel scripted) => new(scripted.Open(), new() { OwnsModel = true });

    private static int Length(ScriptedModel scripted, string prompt) => scripted.Tokenizer.Encode(prompt, addSpecialTokens: false).Count;
}
