using PruneBuild.Runtime;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Generation;

public sealed class GenerationTests : IDisposable
{
    private readonly TinyModel tiny = new();
    private readonly LanguageModel model;
    private readonly TextGenerator generator;

    public GenerationTests()
    {
        model = tiny.Open();
        generator = model.CreateGenerator();
    }

    public void Dispose()
    {
        generator.Dispose();
        model.Dispose();
        tiny.Dispose();
    }

    [Fact]
    public void Greedy_takes_the_most_likely_token_every_time()
    {
        var result = generator.Generate("abc", new() { MaxTokens = 10, IgnoreEndTokens = true });
        List<int> tokens = [.. model.Tokenizer.Encode("abc")];
        foreach (var token in result.Tokens)
        {
            using var fresh = model.CreateGenerator();
            var logits = fresh.Logits(tokens);
            Assert.Equal(Array.IndexOf(logits, logits.Max()), token);
            tokens.Add(token);
        }
        Assert.Equal((GenerationEnd.MaxTokens, 3, 0), (result.End, result.InputTokens, result.CachedInputTokens));
        Assert.True(result.SessionDuration < result.Duration);
        Assert.True(result.TimeToFirstToken < result.Duration);
    }

    [Fact]
    public void The_same_seed_writes_the_same_text_and_another_seed_another()
    {
        var options = new GenerationOptions { MaxTokens = 16, Temperature = 1.5f, TopK = 20, TopP = 0.95f, RepetitionPenalty = 1.1f, Seed = 7, IgnoreEndTokens = true };
        var first = generator.Generate("hello", options);
        Assert.Equal(first.Tokens, generator.Generate("hello", options).Tokens);
        Assert.NotEqual(first.Tokens, generator.Generate("hello", options with { Seed = 8 }).Tokens);
        var chance = generator.Generate("hello", options with { Seed = null });
        Assert.Equal(chance.Tokens, generator.Generate("hello", options with { Seed = chance.Seed }).Tokens);
    }

    [Fact]
    public void The_parts_of_a_stream_are_the_whole_text()
    {
        var options = new GenerationOptions { MaxTokens = 18, Temperature = 2, Seed = 3, IgnoreEndTokens = true };
        var updates = generator.Stream("hi", options).ToList();
        Assert.Equal(generator.Generate("hi", options).Text, string.Concat(updates.Select(update => update.Text)));
        Assert.All(updates.SkipLast(1), update => Assert.Null(update.Result));
        Assert.Equal(updates[^1].Result!.Text, string.Concat(updates.Select(update => update.Text)));
    }

    [Fact]
    public void A_stop_string_ends_the_text_wherever_its_tokens_end()
    {
        var options = new GenerationOptions { MaxTokens = 18, Temperature = 2, Seed = 11, IgnoreEndTokens = true };
        var text = generator.Generate("hi", options).Text;
        // Every token is a letter, so that any text of several is one over borders of tokens.
        var stop = text[5..8];
        var at = text.IndexOf(stop, StringComparison.Ordinal);
        var updates = generator.Stream("hi", options with { StopStrings = ["not there", stop] }).ToList();
        Assert.Equal(text[..at], string.Concat(updates.Select(update => update.Text)));
        Assert.Equal((GenerationEnd.StopString, text[..at]), (updates[^1].Result!.End, updates[^1].Result!.Text));
    }

    [Fact]
    public void A_token_that_ends_a_text_ends_it_and_is_not_part_of_it()
    {
        var free = generator.Generate("hi", new() { MaxTokens = 18, Temperature = 3, Seed = 1, IgnoreEndTokens = true });
        var at = Enumerable.Range(0, 400).Select(seed => generator.Generate("hi", new() { MaxTokens = 18, Temperature = 3, Seed = seed }))
            .First(result => result.End == GenerationEnd.EndToken);
        Assert.Equal([2], model.EndTokens);
        Assert.Equal(2, at.Tokens[^1]);
        Assert.DoesNotContain(2, at.Tokens.SkipLast(1));
        Assert.Equal(model.Tokenizer.Decode(at.Tokens), at.Text);
        Assert.Equal(18, free.Tokens.Count);
    }

    [Fact]
    public void The_context_ends_a_text_that_has_no_other_end()
    {
        var result = generator.Generate("hi", new() { IgnoreEndTokens = true });
        Assert.Equal((GenerationEnd.ContextFull, TinyCheckpoint.Positions - 2), (result.End, result.Tokens.Count));
    }

    [Fact]
    public void A_prompt_that_fills_the_context_is_refused_before_anything_runs()
    {
        var error = Assert.Throws<EdgeModelException>(() => generator.Stream(new string('a', TinyCheckpoint.Positions)));
        Assert.Equal(EdgeModelException.ContextExceeded, error.Code);
        Assert.Contains("24 tokens; the context is 24", error.Message, StringComparison.Ordinal);
        Assert.Single(generator.Generate(new string('a', TinyCheckpoint.Positions - 1)).Tokens);
    }

    [Fact]
    public void A_token_that_the_model_does_not_know_is_refused() =>
        Assert.Equal(EdgeModelException.VocabularyMismatch, Assert.Throws<EdgeModelException>(() => generator.Generate([1, TinyCheckpoint.Vocabulary])).Code);

    [Fact]
    public void A_prompt_without_tokens_and_half_a_character_are_refused()
    {
        Assert.Equal(EdgeModelException.GenerationInvalid, Assert.Throws<EdgeModelException>(() => generator.Generate("")).Code);
        Assert.Equal(EdgeModelException.GenerationInvalid, Assert.Throws<EdgeModelException>(() => generator.Generate("a\uD83D")).Code);
        Assert.Equal(EdgeModelException.GenerationInvalid, Assert.Throws<EdgeModelException>(() => model.Tokenizer.Encode([0x61, 0xE2, 0x82])).Code);
    }

    [Theory]
    [InlineData(-1f, 0, 1f, 1f, 1)]
    [InlineData(float.NaN, 0, 1f, 1f, 1)]
    [InlineData(1f, -1, 1f, 1f, 1)]
    [InlineData(1f, 0, 0f, 1f, 1)]
    [InlineData(1f, 0, 1.1f, 1f, 1)]
    [InlineData(1f, 0, 1f, 0f, 1)]
    [InlineData(1f, 0, 1f, 1f, 0)]
    public void Settings_outside_their_range_are_refused(float temperature, int topK, float topP, float penalty, int most) =>
        Assert.Equal(EdgeModelException.GenerationInvalid, Assert.Throws<EdgeModelException>(() => generator.Generate(
            "a", new() { Temperature = temperature, TopK = topK, TopP = topP, RepetitionPenalty = penalty, MaxTokens = most })).Code);

    [Fact]
    public void Cancelling_between_tokens_ends_the_stream_and_leaves_the_generator_usable()
    {
        using var source = new CancellationTokenSource();
        var options = new GenerationOptions { MaxTokens = 18, IgnoreEndTokens = true };
        var taken = 0;
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var _ in generator.Stream("hello", options, source.Token))
                if (++taken == 2)
                    source.Cancel();
        });
        using var fresh = model.CreateGenerator();
        Assert.Equal(fresh.Generate("hello", options).Tokens, generator.Generate("hello", options).Tokens);
    }

    [Fact]
    public void A_stream_that_is_left_early_leaves_the_generator_usable()
    {
        var options = new GenerationOptions { MaxTokens = 12, IgnoreEndTokens = true };
        var whole = generator.Generate("hello", options);
        foreach (var _ in generator.Stream("hello", options))
            break;
        Assert.Equal(whole.Tokens, generator.Generate("hello", options).Tokens);
    }

    [Fact]
    public void A_generator_writes_one_text_at_a_time()
    {
        using var updates = generator.Stream("hello").GetEnumerator();
        updates.MoveNext();
        Assert.Throws<InvalidOperationException>(() => generator.Generate("hello"));
    }

    [Fact]
    public void Generators_of_one_model_write_at_the_same_time()
    {
        var options = new GenerationOptions { MaxTokens = 16, Temperature = 1, Seed = 5, IgnoreEndTokens = true };
        var alone = generator.Generate("hello", options).Text;
        var together = new string[4];
        Parallel.For(0, together.Length, index =>
        {
            using var own = model.CreateGenerator();
            together[index] = own.Generate("hello", options).Text;
        });
        Assert.All(together, text => Assert.Equal(alone, text));
    }
}
