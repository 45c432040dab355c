using System.Text.Json.Nodes;
using PruneBuild.Graph.Dimensions;
using PruneBuild.Graph.HuggingFace;
using PruneBuild.Graph.Transformers;
using PruneBuild.Tests;

namespace PruneBuild.Graph.Tests.HuggingFace;

/// <summary>The parts of an imported model are found, and what is removed from it takes nothing else along.</summary>
public sealed class ImportedStructure
{
    private static readonly long[] Text = [1, 17, 3, 39, 8, 25, 0];

    public static TheoryData<string> Variants => [.. TinyCheckpoint.Variants];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Heads_neurons_residual_blocks_and_linear_layers_are_found(string variant)
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.Of(variant).Write(folder["source"]);
        using var source = HuggingFaceModel.Open(folder["source"]);
        using var model = Import(folder, source);
        var of = source.Architecture;

        var attention = TransformerView.Attention(model);
        // Only key-value groups can be told apart: of one group there is nothing to remove.
        Assert.Equal(of.KeyValueHeads > 1 ? of.Layers : 0, attention.Count);
        Assert.All(attention, block => Assert.Equal((of.Heads, of.KeyValueHeads, of.HeadSize), (block.Heads, block.KeyValueGroups, block.HeadSize)));
        Assert.Equal(of.ParallelResidual ? of.Layers : 2 * of.Layers, TransformerView.ResidualBlocks(model).Count);
        var neurons = TransformerLayers.Of(model).Select(layer => layer.Neurons?.Size).ToList();
        Assert.Equal([of.FeedForwardSize, of.FeedForwardSize], neurons);
        Assert.Equal((of.Layers * (of.IsGated ? 7 : 6)) + 1, WeightSites.Find(model).Count);
        Assert.Equal(of.IsGated && !of.FeedForwardBias ? of.Layers : 0, TransformerView.GatedFeedForwards(model).Count);
    }

    [Theory]
    [InlineData("llama-small-heads", "model.layers.1.self_attn.o_proj.weight", 16)]
    [InlineData("qwen3", "model.layers.1.self_attn.o_proj.weight", 32)]
    [InlineData("phi3-partial", "model.layers.1.self_attn.o_proj.weight", 16)]
    [InlineData("gpt2", "h.1.attn.c_proj.weight", 16)]
    [InlineData("gpt_neox", "gpt_neox.layers.1.attention.dense.weight", 16)]
    public void A_model_without_a_group_is_one_whose_group_is_not_listened_to(string variant, string projection, int features)
    {
        using var folder = new TemporaryFolder();
        var checkpoint = TinyCheckpoint.Of(variant);
        checkpoint.Write(folder["source"]);
        using var source = HuggingFaceModel.Open(folder["source"]);
        using var model = Import(folder, source);

        DimensionEdit.Select(model, TransformerView.Attention(model)[1].Groups, [1]);
        model.Save(folder["pruned.onnx"]);

        // What goes from the first group to the stream.
        var (shape, values) = checkpoint.Tensors[projection];
        for (var index = 0; index < values.Length; index++)
            if ((variant == "gpt2" ? index / shape[1] : index % shape[1]) < features)
                values[index] = 0;
        AssertSame(checkpoint, folder["pruned.onnx"]);
        Assert.Equal(1, model.Graph.Input.Single(input => input.Name == "past_key_values.1.key").Type.TensorType.Shape.Dim[1].DimValue);
        Assert.Equal(1, model.Graph.Output.Single(output => output.Name == "present.1.value").Type.TensorType.Shape.Dim[1].DimValue);
        Directory.CreateDirectory(folder["artifact"]);
        // The layers differ now, and the file has one number for all.
        Assert.NotNull(ImportedFiles.Copy(folder["out"], model, folder["artifact"]));
        Assert.False(File.Exists(folder["artifact/genai_config.json"]));
    }

    [Fact]
    public void A_model_without_neurons_is_one_whose_neurons_are_not_listened_to()
    {
        using var folder = new TemporaryFolder();
        var checkpoint = TinyCheckpoint.Of("gemma2");
        checkpoint.Write(folder["source"]);
        using var source = HuggingFaceModel.Open(folder["source"]);
        using var model = Import(folder, source);

        DimensionEdit.Select(model, TransformerView.GatedFeedForwards(model)[0].Neurons, [.. Enumerable.Range(16, 32)]);
        model.Save(folder["pruned.onnx"]);

        var values = checkpoint.Tensors["model.layers.0.mlp.down_proj.weight"].Values;
        for (var index = 0; index < values.Length; index++)
            if (index % 48 < 16)
                values[index] = 0;
        AssertSame(checkpoint, folder["pruned.onnx"]);
    }

    [Fact]
    public void Without_an_attention_block_the_cache_has_a_layer_less()
    {
        using var folder = new TemporaryFolder();
        var checkpoint = TinyCheckpoint.Of("llama-small-heads");
        checkpoint.Write(folder["source"]);
        using var source = HuggingFaceModel.Open(folder["source"]);
        using var model = Import(folder, source);

        BlockRemoval.RemoveAll(model, [TransformerView.ResidualBlocks(model)[0].Output]);
        model.Save(folder["pruned.onnx"]);

        Array.Clear(checkpoint.Tensors["model.layers.0.self_attn.o_proj.weight"].Values);
        AssertSame(checkpoint, folder["pruned.onnx"]);
        Assert.Equal(["past_key_values.0.key", "past_key_values.0.value"], KeyValueCache.Of(model).Past);
        Directory.CreateDirectory(folder["artifact"]);
        Assert.Null(ImportedFiles.Copy(folder["out"], model, folder["artifact"]));
        var decoder = JsonNode.Parse(File.ReadAllText(folder["artifact/genai_config.json"]))!["model"]!["decoder"]!;
        Assert.Equal((1, 4, 2), ((int)decoder["num_hidden_layers"]!, (int)decoder["num_attention_heads"]!, (int)decoder["num_key_value_heads"]!));
    }

    private static OnnxModel Import(TemporaryFolder folder, HuggingFaceModel source)
    {
        Directory.CreateDirectory(folder["out"]);
        source.Import(folder["out"]);
        return OnnxModel.Load(folder["out/model.onnx"]);
    }

    private static void AssertSame(TinyCheckpoint checkpoint, string path)
    {
        var expected = new ReferenceDecoder(checkpoint).Logits(Text);
        using var session = new DecoderSession(path);
        foreach (var (wanted, row) in expected.Zip(session.Feed(Text[..4]).Concat(session.Feed(Text[4..]))))
            for (var token = 0; token < row.Length; token++)
                Assert.Equal(wanted[token], row[token], 1e-4);
    }
}
