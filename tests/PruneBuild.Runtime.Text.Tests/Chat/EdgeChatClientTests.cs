using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using PruneBuild.Runtime;
using PruneBuild.Runtime.Text;
using PruneBuild.Tests.Generation;

namespace PruneBuild.Tests.Chat;

public sealed class EdgeChatClientTests : IDisposable
{
    private const string Template = "{% for message in messages %}{{ message.role[0] }}.{{ message.content }}{% endfor %}{% if add_generation_prompt %}a.{% endif %}";

    private static readonly ChatOptions Few = new() { MaxOutputTokens = 6, Temperature = 1.5f, Seed = 4 };

    private readonly TinyModel tiny = new(change: folder => File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), Template));
    private readonly LanguageModel model;
    private readonly EdgeChatClient client;

    public EdgeChatClientTests()
    {
        model = tiny.Open();
        client = new EdgeChatClient(model, new() { ModelId = "tiny", Defaults = new() { IgnoreEndTokens = true } });
    }

    public void Dispose()
    {
        client.Dispose();
        model.Dispose();
        tiny.Dispose();
    }

    [Fact]
    public async Task An_answer_is_what_the_generator_writes_behind_the_template()
    {
        var response = await client.GetResponseAsync("hi", Few);
        using var generator = model.CreateGenerator();
        var result = generator.Generate(model.Tokenizer.Encode("u.hia.", addSpecialTokens: false), new() { MaxTokens = 6, Temperature = 1.5f, Seed = 4, IgnoreEndTokens = true });
        Assert.Equal(result.Text, response.Text);
        Assert.Equal(("tiny", ChatFinishReason.Length, ChatRole.Assistant), (response.ModelId, response.FinishReason, response.Messages.Single().Role));
        Assert.Equal((6L, 6L, 12L, 0L), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount, response.Usage.TotalTokenCount, response.Usage.CachedInputTokenCount));
    }

    [Fact]
    public async Task A_stream_has_the_same_text_and_ends_with_usage_and_reason()
    {
        var updates = await client.GetStreamingResponseAsync([new(ChatRole.User, "hi")], Few).ToListAsync();
        Assert.Equal((await client.GetResponseAsync("hi", Few)).Text, string.Concat(updates.Select(update => update.Text)));
        Assert.Equal(ChatFinishReason.Length, updates[^1].FinishReason);
        Assert.Equal(6, Assert.IsType<UsageContent>(updates[^1].Contents.Single()).Details.OutputTokenCount);
        Assert.Single(updates.Select(update => update.ResponseId).Distinct());
    }

    [Fact]
    public async Task A_conversation_that_continues_is_read_once()
    {
        List<ChatMessage> messages = [new(ChatRole.User, "hi")];
        var first = await client.GetResponseAsync(messages, Few);
        messages.AddRange(first.Messages);
        messages.Add(new(ChatRole.User, "b"));
        var second = await client.GetResponseAsync(messages, new ChatOptions { MaxOutputTokens = 2 });
        Assert.InRange(second.Usage!.CachedInputTokenCount!.Value, 6, second.Usage.InputTokenCount!.Value - 1);
    }

    [Fact]
    public async Task Instructions_come_before_everything_and_a_stop_sequence_ends()
    {
        var text = (await client.GetResponseAsync("hi", Few)).Text;
        var stopped = await client.GetResponseAsync("hi", new ChatOptions { MaxOutputTokens = 6, Temperature = 1.5f, Seed = 4, StopSequences = [text[2..4]] });
        Assert.Equal((text[..2], ChatFinishReason.Stop), (stopped.Text, stopped.FinishReason));
        var instructed = await client.GetResponseAsync([new(ChatRole.System, "x"), new(ChatRole.User, "hi")], new ChatOptions { MaxOutputTokens = 1, Instructions = "be" });
        // s.be<newline>x u.hi a.: the newline is not in the vocabulary, and counts as its unknown token.
        Assert.Equal(2 + 2 + 1 + 1 + 2 + 2 + 2, instructed.Usage!.InputTokenCount);
    }

    public static TheoryData<string, ChatOptions> Refused => new()
    {
        { "tools", new() { Tools = [AIFunctionFactory.Create(() => 1, "one")] } },
        { "frequency penalty", new() { FrequencyPenalty = 0.5f } },
        { "presence penalty", new() { PresencePenalty = 0.5f } },
        { "remembers", new() { ConversationId = "1" } },
        { "the model 'other'", new() { ModelId = "other" } },
        { "Temperature", new() { Temperature = -1 } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_cannot_be_done_is_refused(string reason, ChatOptions options)
    {
        var error = await Assert.ThrowsAsync<EdgeModelException>(() => client.GetResponseAsync("hi", options));
        Assert.Equal(EdgeModelException.GenerationInvalid, error.Code);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_picture_is_refused() => Assert.Equal(EdgeModelException.GenerationInvalid, (await Assert.ThrowsAsync<EdgeModelException>(
        () => client.GetResponseAsync(new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])))).Code);

    [Fact]
    public async Task A_conversation_beyond_the_context_is_an_error_and_the_next_is_answered()
    {
        Assert.Equal(EdgeModelException.ContextExceeded, (await Assert.ThrowsAsync<EdgeModelException>(() => client.GetResponseAsync(new string('a', 30)))).Code);
        Assert.NotEmpty((await client.GetResponseAsync("hi", Few)).Text);
    }

    [Fact]
    public async Task Ending_one_answer_leaves_the_client_usable()
    {
        using var source = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync([new(ChatRole.User, "hi")], cancellationToken: source.Token))
                await source.CancelAsync();
            source.Token.ThrowIfCancellationRequested();
        });
        await foreach (var _ in client.GetStreamingResponseAsync([new(ChatRole.User, "hi")]))
            break;
        Assert.NotEmpty((await client.GetResponseAsync("hi", Few)).Text);
    }

    [Fact]
    public async Task Requests_at_the_same_time_are_answered_one_after_another()
    {
        var alone = (await client.GetResponseAsync("hi", Few)).Text;
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => client.GetResponseAsync("hi", Few)));
        Assert.All(answers, answer => Assert.Equal(alone, answer.Text));
    }

    [Fact]
    public void A_client_says_what_it_is()
    {
        var metadata = (ChatClientMetadata)client.GetService(typeof(ChatClientMetadata))!;
        Assert.Equal(("prunebuild", "tiny"), (metadata.ProviderName, metadata.DefaultModelId));
        Assert.Same(model, client.GetService(typeof(LanguageModel)));
        Assert.Same(client, client.GetService(typeof(IChatClient)));
        Assert.Null(client.GetService(typeof(string)));
    }

    [Fact]
    public void A_model_without_a_chat_template_is_no_client()
    {
        using var plain = new TinyModel();
        using var other = plain.Open();
        Assert.Equal(EdgeModelException.TemplateInvalid, Assert.Throws<EdgeModelException>(() => new EdgeChatClient(other)).Code);
    }

    [Fact]
    public async Task An_answer_is_told_by_the_names_of_the_conventions()
    {
        var measured = new List<(string Instrument, double Value, Dictionary<string, object?> Tags)>();
        var spans = new List<Activity>();
        using var own = new EdgeChatClient(model, new() { ModelId = "telemetry", Defaults = new() { IgnoreEndTokens = true } });
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ChatTelemetry.SourceName, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => { lock (spans) spans.Add(activity); },
        };
        ActivitySource.AddActivityListener(activities);
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => { if (instrument.Meter.Name == ChatTelemetry.SourceName) listener.EnableMeasurementEvents(instrument); } };
        void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var map = new Dictionary<string, object?>(tags.ToArray());
            if (map["gen_ai.request.model"] is "telemetry")
                lock (measured)
                    measured.Add((instrument.Name, value, map));
        }
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        meters.Start();

        await own.GetResponseAsync("hi", Few);
        await Assert.ThrowsAsync<EdgeModelException>(() => own.GetResponseAsync(new string('a', 30)));

        var byName = measured.ToLookup(one => one.Instrument);
        Assert.Equal(
            ["gen_ai.client.operation.duration", "gen_ai.client.token.usage", "gen_ai.server.time_per_output_token", "gen_ai.server.time_to_first_token"], byName.Select(group => group.Key).Order());
        Assert.Equal([("input", 6.0), ("output", 6.0)], byName["gen_ai.client.token.usage"].Select(one => ((string)one.Tags["gen_ai.token.type"]!, one.Value)));
        Assert.Equal(["PB6113"], byName["gen_ai.client.operation.duration"].Select(one => one.Tags.GetValueOrDefault("error.type")).OfType<string>());
        var span = spans.First(one => one.DisplayName == "chat telemetry");
        Assert.Equal(("chat", 6, 6), (span.GetTagItem("gen_ai.operation.name"), span.GetTagItem("gen_ai.usage.input_tokens"), span.GetTagItem("gen_ai.usage.output_tokens")));
        Assert.Equal(["length"], (string[])span.GetTagItem("gen_ai.response.finish_reasons")!);
        Assert.Equal(ActivityStatusCode.Error, spans.Last(one => one.DisplayName == "chat telemetry").Status);
    }
}
