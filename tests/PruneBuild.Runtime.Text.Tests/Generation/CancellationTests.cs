using Microsoft.Extensions.AI;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Generation;

/// <summary>Texts of thousands of tokens that another thread ends: they end long before they would, and leave nothing behind.</summary>
public sealed class CancellationTests : IDisposable
{
    private const int Positions = 1 << 15;
    private const int Many = Positions - 100;
    private const int Few = 5;

    private static readonly GenerationOptions Long = new() { MaxTokens = Many, IgnoreEndTokens = true };
    private static readonly GenerationOptions Short = Long with { MaxTokens = 50 };

    private readonly TinyModel tiny = new(change: folder => File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), "{{ messages[0].content }}"), positions: Positions);
    private readonly LanguageModel model;
    private readonly TextGenerator generator;

    public CancellationTests()
    {
        model = tiny.Open();
        generator = model.CreateGenerator();
    }

    public void Dispose()
    {
        Source.Dispose();
        generator.Dispose();
        model.Dispose();
        tiny.Dispose();
    }

    [Fact]
    public void A_stream_ends()
    {
        var taken = Take(generator.Stream("hello", Long, Source.Token));
        Assert.InRange(taken, Few, Many / 2);
        AssertAsFresh();
    }

    [Fact]
    public async Task A_text_that_nobody_reads_in_parts_ends()
    {
        var writing = Task.Run(() => generator.Generate("hello", Long, Source.Token), CancellationToken.None);
        // The decoder counts what it was fed.
        while (generator.Cached([.. model.Tokenizer.Encode("hello"), 0]) < 5 && !writing.IsCompleted)
            await Task.Yield();
        await Source.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        Assert.Equal(Source.Token, error.CancellationToken);
        AssertAsFresh();
    }

    [Fact]
    public void A_long_prompt_ends_within_its_first_token()
    {
        int[] prompt = [.. Enumerable.Range(0, Many).Select(index => TinyModel.Controls + (index % 20))];
        // Sooner or later the end falls into the reading, of which a part is done then.
        for (var milliseconds = 1; generator.Cached(prompt) == 0; milliseconds *= 2)
        {
            using var source = new CancellationTokenSource(milliseconds);
            Assert.ThrowsAny<OperationCanceledException>(() => generator.Generate(prompt, Short with { ReuseCache = false }, source.Token));
        }
        Assert.InRange(generator.Cached(prompt), 1, Many - 1);
        AssertAsFresh();
    }

    [Fact]
    public async Task An_answer_of_a_chat_client_ends()
    {
        using var client = new EdgeChatClient(model, new() { Defaults = Long });
        var taken = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync([new(ChatRole.User, "hello")], cancellationToken: Source.Token))
                if (++taken == Few)
                    CancelElsewhere();
        });
        Assert.InRange(taken, Few, Many / 2);
        using var fresh = new EdgeChatClient(model, new() { Defaults = Short });
        Assert.Equal((await fresh.GetResponseAsync("hello")).Text, (await client.GetResponseAsync("hello", new ChatOptions { MaxOutputTokens = Short.MaxTokens })).Text);
    }

    private CancellationTokenSource Source { get; } = new();

    private int Take(IEnumerable<GenerationUpdate> updates)
    {
        var taken = 0;
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var _ in updates)
                if (++taken == Few)
                    CancelElsewhere();
        });
        return taken;
    }

    private void CancelElsewhere() => new Thread(Source.Cancel).Start();

    private void AssertAsFresh()
    {
        using var fresh = model.CreateGenerator();
        Assert.Equal(fresh.Generate("hello", Short).Tokens, generator.Generate("hello", Short).Tokens);
    }
}
