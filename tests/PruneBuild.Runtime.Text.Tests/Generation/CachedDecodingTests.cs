using Microsoft.ML.OnnxRuntime;
using PruneBuild.Runtime;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Generation;

public sealed class CachedDecodingTests
{
    private const double Tolerance = 1e-4;

    private static readonly int[] Text = [1, 7, 12, 3, 30, 9, 9, 21, 5, 17, 33, 8];

    [Theory]
    [InlineData("llama", null)]
    [InlineData("llama", false)]
    [InlineData("llama-small-heads", null)]
    [InlineData("mistral", null)]
    [InlineData("qwen3", null)]
    [InlineData("gemma2", null)]
    [InlineData("phi3", null)]
    [InlineData("gpt2", null)]
    [InlineData("gpt_neox", null)]
    public void Logits_token_by_token_are_those_of_the_whole_text(string variant, bool? inPlace)
    {
        using var tiny = new TinyModel(variant, folder => SetInPlace(folder, inPlace));
        using var model = tiny.Open();
        using var whole = model.CreateGenerator();
        using var parts = model.CreateGenerator();
        for (var count = 1; count <= Text.Length; count++)
        {
            using var fresh = model.CreateGenerator();
            var expected = fresh.Logits(Text[..count]);
            Assert.Equal(count - 1, parts.Cached(Text[..count]));
            AssertClose(expected, parts.Logits(Text[..count]));
        }
        // Several behind a cache, and a cache that is cut.
        whole.Logits(Text[..4]);
        AssertClose(parts.Logits(Text), whole.Logits(Text));
        int[] other = [.. Text[..6], 2, 2, 11];
        using var again = model.CreateGenerator();
        Assert.Equal(6, whole.Cached(other));
        AssertClose(again.Logits(other), whole.Logits(other));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_text_that_grows_beyond_the_short_ones_is_read_again_as_a_long_one(bool inPlace)
    {
        using var tiny = new TinyModel(TinyCheckpoint.LongRope(6), folder => SetInPlace(folder, inPlace));
        using var model = tiny.Open();
        using var parts = model.CreateGenerator();
        for (var count = 1; count <= Text.Length; count++)
        {
            using var fresh = model.CreateGenerator();
            AssertClose(fresh.Logits(Text[..count]), parts.Logits(Text[..count]));
        }
        // And as a short one again.
        int[] other = [.. Text[..3], 2, 2];
        using var again = model.CreateGenerator();
        AssertClose(again.Logits(other), parts.Logits(other));
    }

    [Fact]
    public void A_long_text_is_long_from_the_first_part_that_is_read()
    {
        const int original = 600;
        using var tiny = new TinyModel(TinyCheckpoint.LongRope(original, 1200));
        using var session = ModelSession.Open(Path.Combine(tiny.Path, "model.onnx"), 1);
        var signature = DecoderSignature.Of(session);
        using var run = new RunOptions();
        var random = new Random(2);
        int[] text = [.. Enumerable.Range(0, 1100).Select(_ => random.Next(TinyCheckpoint.Vocabulary))];
        // A cache that is written elsewhere gets all of its first part at once, one in place a part that is short by itself.
        using var inPlace = new CachedDecoder(session, signature, inPlace: true, 1200);
        using var atOnce = new CachedDecoder(session, signature, inPlace: false, 1200);
        foreach (var count in new[] { 550, original, original + 1, 1100 })
        {
            AssertClose(atOnce.Feed(text.AsSpan(0, count), run).ToArray(), inPlace.Feed(text.AsSpan(0, count), run).ToArray());
            inPlace.Truncate(0);
            atOnce.Truncate(0);
        }
    }

    [Fact]
    public void A_model_that_says_nothing_of_its_cache_is_found_to_append_in_place()
    {
        using var tiny = new TinyModel(change: folder => File.Delete(Path.Combine(folder, "genai_config.json")));
        using var model = tiny.Open(new() { ContextLength = TinyCheckpoint.Positions, Threads = 1 });
        using var session = ModelSession.Open(Path.Combine(tiny.Path, "model.onnx"), 1);
        Assert.True(CacheProbe.AppendsInPlace(session, DecoderSignature.Of(session)));
        using var generator = model.CreateGenerator();
        Assert.Equal(8, generator.Generate(Text[..3], new() { MaxTokens = 8, IgnoreEndTokens = true }).Tokens.Count);
    }

    [Fact]
    public void A_cache_that_grows_keeps_what_it_holds()
    {
        using var tiny = new TinyModel();
        using var session = ModelSession.Open(Path.Combine(tiny.Path, "model.onnx"), 1);
        var tensors = DecoderSignature.Of(session).Cache;
        foreach (var inPlace in new[] { true, false })
        {
            using var buffers = new KeyValueBuffers(tensors, inPlace);
            Assert.True(buffers.Reserve(10, 1000, 0));
            Assert.Equal(256, buffers.Capacity);
            Assert.False(buffers.Reserve(256, 1000, 10));
            Assert.True(buffers.Reserve(257, 1000, 256));
            Assert.Equal(512, buffers.Capacity);
            Assert.True(buffers.Reserve(999, 1000, 512));
            Assert.Equal(1000, buffers.Capacity);
        }
    }

    [Fact]
    public void The_same_cache_serves_texts_in_any_order()
    {
        using var tiny = new TinyModel();
        using var model = tiny.Open();
        using var generator = model.CreateGenerator();
        var options = new GenerationOptions { MaxTokens = 6, IgnoreEndTokens = true };
        var first = generator.Generate(Text[..5], options);
        var other = generator.Generate(Text[6..9], options);
        var again = generator.Generate(Text[..5], options);
        Assert.Equal(first.Tokens, again.Tokens);
        Assert.NotEqual(first.Tokens, other.Tokens);
        var longer = generator.Generate([.. Text[..5], .. again.Tokens, 4], options);
        Assert.Equal(5 + again.Tokens.Count - 1, longer.CachedInputTokens);
        Assert.Equal(0, generator.Generate([.. Text[..5], .. again.Tokens, 4], options with { ReuseCache = false }).CachedInputTokens);
    }

    [Fact]
    public void A_run_that_is_ended_leaves_the_cache_as_it_was()
    {
        using var tiny = new TinyModel();
        using var session = ModelSession.Open(Path.Combine(tiny.Path, "model.onnx"), 1);
        using var ended = new CachedDecoder(session, DecoderSignature.Of(session), inPlace: true, TinyCheckpoint.Positions);
        using var whole = new CachedDecoder(session, DecoderSignature.Of(session), inPlace: true, TinyCheckpoint.Positions);
        using var run = new RunOptions();
        ended.Feed(Text.AsSpan(0, 5), run);
        run.Terminate = true;
        Assert.Throws<OnnxRuntimeException>(() => ended.Feed(Text.AsSpan(5, 4), run).Length);
        Assert.Equal(Text[..5], ended.Tokens);
        run.Terminate = false;
        AssertClose(whole.Feed(Text, run).ToArray(), ended.Feed(Text.AsSpan(5), run).ToArray());
    }

    [Fact]
    public void A_model_that_concatenates_a_cache_of_halves_is_read_from_one_buffer_and_written_to_the_other()
    {
        using var folder = new TemporaryFolder();
        ConcatenatingModel.Write(folder["model.onnx"]);
        using var model = LanguageModel.Open(folder["model.onnx"], new() { ContextLength = 600, Threads = 1 });
        using var parts = model.CreateGenerator();
        var random = new Random(1);
        int[] text = [.. Enumerable.Range(0, 600).Select(_ => random.Next(ConcatenatingModel.Vocabulary))];
        // Beyond the first buffers, and beyond a part of a prompt.
        foreach (var count in new[] { 1, 2, 3, 20, 255, 256, 257, 258, 600 })
        {
            using var fresh = model.CreateGenerator();
            AssertClose(ConcatenatingModel.Logits(text[..count]), fresh.Logits(text[..count]), 0.02);
            AssertClose(fresh.Logits(text[..count]), parts.Logits(text[..count]), 0.02);
        }
        int[] other = [.. text[..100], 5, 6];
        AssertClose(ConcatenatingModel.Logits(other), parts.Logits(other), 0.02);
    }

    private static void SetInPlace(string folder, bool? inPlace)
    {
        var path = Path.Combine(folder, "genai_config.json");
        if (inPlace == false)
            File.WriteAllText(path, File.ReadAllText(path).Replace("\"past_present_share_buffer\": true", "\"past_present_share_buffer\": false", StringComparison.Ordinal));
    }

    private static void AssertClose(float[] expected, float[] actual, double tolerance = Tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var index = 0; index < expected.Length; index++)
            Assert.Equal(expected[index], actual[index], tolerance);
    }
}
