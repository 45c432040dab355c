using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Depth;
using PruneBuild.Graph;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Tests.Depth;

/// <summary>Blocks of a decoder are removed together with their part of the cache; what stays is the decoder without those blocks.</summary>
public sealed class KeyValueCacheTests
{
    [Theory]
    [InlineData("past_key_values.{0}.{1}", "present.{0}.{1}", 1)]
    [InlineData("past.{0}.{1}", "present_key_values.{0}.{1}", 1)]
    [InlineData("past_{1}_{0}", "present_{1}_{0}", null)]
    [InlineData("past_key_values.{0}.{1}", "present_key_values.{0}.{1}", 2)]
    public void Attention_goes_with_its_cache_and_later_layers_are_renumbered(string past, string present, int? removed)
    {
        var decoder = new CachedDecoder(past, present);
        using var model = decoder.Build((0, true, true), (1, true, true), (2, true, true));
        if (removed is not { } layer)
        {
            // Names that say nothing about layers are outputs like any other: such a block stays.
            Assert.DoesNotContain(CachedDecoder.AttentionOutput(1), TransformerView.ResidualBlocks(model).Select(block => block.Output));
            return;
        }
        Assert.Equal([CachedDecoder.AttentionOutput(layer)], BlockRemoval.RemoveAll(model, [CachedDecoder.AttentionOutput(layer)]));
        using var expected = decoder.Build([.. Enumerable.Range(0, 3).Select(other => (other, other != layer, true))]);
        AssertSame(decoder, expected, model, [.. Enumerable.Range(0, 3).Where(other => other != layer)]);
    }

    [Fact]
    public void A_layer_is_its_attention_and_its_feed_forward()
    {
        var decoder = new CachedDecoder();
        using var model = decoder.Build((0, true, true), (1, true, true), (2, true, true));
        BlockRemoval.RemoveAll(model, [CachedDecoder.FeedForwardOutput(1), CachedDecoder.AttentionOutput(1)]);
        using var expected = decoder.Build((0, true, true), (2, true, true));
        AssertSame(decoder, expected, model, 0, 2);
        Assert.Equal(expected.Weights.Keys.Order(), model.Weights.Keys.Order());
    }

    [Fact]
    public void The_number_of_cached_tokens_comes_from_another_layer_when_the_first_is_removed()
    {
        var decoder = new CachedDecoder();
        using var model = decoder.Build((0, true, true), (1, true, true), (2, true, false));
        BlockRemoval.RemoveAll(model, [CachedDecoder.AttentionOutput(0)]);
        using var expected = decoder.Build((0, false, true), (1, true, true), (2, true, false));
        AssertSame(decoder, expected, model, 1, 2);
    }

    [Fact]
    public void Without_any_attention_an_input_that_still_tells_the_number_of_tokens_stays()
    {
        var decoder = new CachedDecoder();
        using var model = decoder.Build((0, true, true), (1, true, true));
        BlockRemoval.RemoveAll(model, [CachedDecoder.AttentionOutput(0), CachedDecoder.AttentionOutput(1)]);
        Assert.Equal(["x", "past_key_values.0.key"], model.Graph.Input.Select(input => input.Name));
        Assert.Equal(["y"], model.Graph.Output.Select(output => output.Name));
        Assert.Equal(CachedDecoder.Tokens * CachedDecoder.Width, CachedDecoder.Run(model, decoder.Inputs(1))["y"].Length);
    }

    [Fact]
    public void A_feed_forward_leaves_the_cache_alone()
    {
        var decoder = new CachedDecoder();
        using var model = decoder.Build((0, true, true), (1, true, true));
        var before = KeyValueCache.Of(model);
        BlockRemoval.RemoveAll(model, [CachedDecoder.FeedForwardOutput(0)]);
        Assert.Equal(before.Past, KeyValueCache.Of(model).Past);
        Assert.Equal(before.Present, KeyValueCache.Of(model).Present);
        using var expected = decoder.Build((0, true, false), (1, true, true));
        AssertSame(decoder, expected, model, 0, 1);
    }

    [Fact]
    public void The_search_removes_cached_attention_as_if_whole_models_ran()
    {
        var decoder = new CachedDecoder();
        using var model = decoder.Build((0, true, true), (1, true, true), (2, true, true));
        var batch = decoder.Inputs(0, 1, 2);
        var found = BlockSearch.Find(model, "model.onnx", [batch], new BlockSearchOptions { Count = 5 });
        var whole = BlockSearch.Find(
            () => decoder.Build((0, true, true), (1, true, true), (2, true, true)), trial => new ModelLoss().Measure(trial, model, "model.onnx", [batch], 1), 5, CancellationToken.None);
        Assert.Equal(whole, found.Removed);
        var gone = found.Removed.Take(4).Select(block => block.Output).ToList();
        BlockRemoval.RemoveAll(model, gone);
        var left = Enumerable.Range(0, 3).Where(layer => !gone.Contains(CachedDecoder.AttentionOutput(layer))).ToArray();
        // Without any attention the first layer's keys stay, to tell how many tokens there are.
        var output = CachedDecoder.Run(model, decoder.Inputs(left.Length > 0 ? left : [0]))["y"];
        Assert.Equal(found.Removed[3].Loss, OutputLoss.Divergence(Dense(decoder, batch), output, CachedDecoder.Width).Mean, 1e-5);
    }

    private static float[] Dense(CachedDecoder decoder, CalibrationBatch batch)
    {
        using var dense = decoder.Build((0, true, true), (1, true, true), (2, true, true));
        return CachedDecoder.Run(dense, batch)["y"];
    }

    /// <summary>The same inputs and outputs, in order, and the same numbers in them.</summary>
    private static void AssertSame(CachedDecoder decoder, OnnxModel expected, OnnxModel actual, params int[] layers)
    {
        Assert.Equal(expected.Graph.Input.Select(input => input.Name), actual.Graph.Input.Select(input => input.Name));
        Assert.Equal(expected.Graph.Output.Select(output => output.Name), actual.Graph.Output.Select(output => output.Name));
        var (ours, theirs) = (CachedDecoder.Run(actual, decoder.Inputs(layers)), CachedDecoder.Run(expected, decoder.Inputs(layers)));
        foreach (var (name, values) in theirs)
            Assert.Equal(values, ours[name]);
    }
}
