using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Graph.HuggingFace;
using PruneBuild.Tests;

namespace PruneBuild.Graph.Tests.HuggingFace;

/// <summary>An imported model computes what its family's definition says, at once and token by token.</summary>
public sealed class ImportedModels
{
    private const double Tolerance = 1e-4;

    private static readonly long[] Text = [1, 17, 3, 39, 8, 8, 25, 0, 31, 12, 6];

    public static TheoryData<string> Variants => [.. TinyCheckpoint.Variants];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Logits_are_those_of_the_definition(string variant)
    {
        using var folder = new TemporaryFolder();
        var checkpoint = TinyCheckpoint.Of(variant);
        checkpoint.Write(folder["source"]);
        var path = Import(folder);

        var expected = new ReferenceDecoder(checkpoint).Logits(Text);

        // A text at once, a prompt and then token by token, and a second piece of several tokens.
        foreach (var pieces in new int[][] { [Text.Length], [4, 1, 1, 1, 1, 1, 1, 1], [3, 5, 3] })
        {
            using var session = new DecoderSession(path);
            var position = 0;
            foreach (var piece in pieces)
            {
                foreach (var row in session.Feed(Text[position..(position + piece)]))
                    AssertNear(expected[position++], row);
            }
        }
    }

    [Fact]
    public void LongRope_turns_a_text_by_the_short_factors_up_to_the_original_length_and_by_the_long_ones_beyond()
    {
        using var folder = new TemporaryFolder();
        var checkpoint = TinyCheckpoint.LongRope(6);
        checkpoint.Write(folder["source"]);
        var path = Import(folder);
        foreach (var length in new[] { 5, 6, 7, Text.Length })
        {
            var expected = new ReferenceDecoder(checkpoint).Logits(Text[..length]);
            using var session = new DecoderSession(path);
            foreach (var (row, wanted) in session.Feed(Text[..length]).Zip(expected))
                AssertNear(wanted, row);
        }
        // Token by token as far as the short ones reach, and behind a prompt that is long already.
        foreach (var (length, prompt) in new[] { (6, 1), (Text.Length, 7) })
        {
            var expected = new ReferenceDecoder(checkpoint).Logits(Text[..length]);
            using var session = new DecoderSession(path);
            AssertNear(expected[prompt - 1], session.Feed(Text[..prompt])[^1]);
            for (var position = prompt; position < length; position++)
                AssertNear(expected[position], session.Feed(Text[position])[0]);
        }
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("llama-small-heads")]
    [InlineData("phi3-longrope")]
    [InlineData("gpt2")]
    public void Texts_of_a_batch_that_are_padded_at_their_ends_are_read_as_if_alone(string variant)
    {
        using var folder = new TemporaryFolder();
        var checkpoint = TinyCheckpoint.Of(variant);
        checkpoint.Write(folder["source"]);
        using var session = new InferenceSession(Import(folder));
        int[] lengths = [4, 7];
        var (ids, mask) = (new long[14], new long[14]);
        for (var text = 0; text < 2; text++)
        {
            Array.Copy(Text, text, ids, 7 * text, lengths[text]);
            mask.AsSpan(7 * text, lengths[text]).Fill(1);
        }
        var inputs = session.InputMetadata.ToDictionary(input => input.Key, input => input.Key switch
        {
            "input_ids" => OrtValue.CreateTensorValueFromMemory(ids, [2, 7]),
            "attention_mask" => OrtValue.CreateTensorValueFromMemory(mask, [2, 7]),
            _ => OrtValue.CreateTensorValueFromMemory(Array.Empty<float>(), [2, input.Value.Dimensions[1], 0, input.Value.Dimensions[3]]),
        });
        using var options = new RunOptions();
        using var results = session.Run(options, inputs, ["logits"]);
        foreach (var value in inputs.Values)
            value.Dispose();
        var logits = results[0].GetTensorDataAsSpan<float>().ToArray().Chunk(TinyCheckpoint.Vocabulary).ToList();
        for (var text = 0; text < 2; text++)
            foreach (var (row, position) in new ReferenceDecoder(checkpoint).Logits(Text[text..(text + lengths[text])]).Select((row, position) => (row, position)))
                AssertNear(row, logits[(7 * text) + position]);
    }

    [Theory]
    [InlineData("F16", 1)]
    [InlineData("BF16", 3)]
    [InlineData("F32", 2)]
    public void Types_and_shards_make_no_difference_but_their_rounding(string type, int shards)
    {
        using var folder = new TemporaryFolder();
        var checkpoint = TinyCheckpoint.Of("llama");
        checkpoint.Write(folder["source"], type, shards);

        using var session = new DecoderSession(Import(folder));

        var rounded = new OrderedDictionary<string, (int[] Shape, float[] Values)>();
        foreach (var (name, (shape, values)) in checkpoint.Tensors)
            rounded.Add(name, (shape, TinyCheckpoint.Rounded(values, type)));
        var expected = new ReferenceDecoder(checkpoint with { Tensors = rounded }).Logits(Text);
        foreach (var (row, wanted) in session.Feed(Text).Zip(expected))
            AssertNear(wanted, row);
    }

    [Fact]
    public void The_same_folder_gives_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.Of("qwen3").Write(folder["source"], "BF16", 2);
        Import(folder, "a");
        Import(folder, "b");
        foreach (var name in new[] { "model.onnx", "model.onnx.data", "genai_config.json" })
            Assert.Equal(File.ReadAllBytes(folder[$"a/{name}"]), File.ReadAllBytes(folder[$"b/{name}"]));
    }

    [Fact]
    public void The_configuration_for_generation_names_what_the_model_has()
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.Of("llama-small-heads").Write(folder["source"]);
        folder.Write("source/generation_config.json", """{ "eos_token_id": [2, 5], "do_sample": true, "temperature": 0.6 }"""u8.ToArray());
        folder.Write("source/tokenizer.json", "{}"u8.ToArray());
        folder.Write("source/readme.md", "hello"u8.ToArray());
        using var session = new InferenceSession(Import(folder));

        var json = JsonNode.Parse(File.ReadAllText(folder["out/genai_config.json"]))!;
        var (model, decoder) = (json["model"]!, json["model"]!["decoder"]!);

        Assert.Equal(("llama", 40, 24, 1, 2), ((string)model["type"]!, (int)model["vocab_size"]!, (int)model["context_length"]!, (int)model["bos_token_id"]!, (int)model["pad_token_id"]!));
        Assert.Equal("[2,5]", model["eos_token_id"]!.ToJsonString());
        Assert.Equal((8, 32, 4, 2, 2), ((int)decoder["head_size"]!, (int)decoder["hidden_size"]!, (int)decoder["num_attention_heads"]!, (int)decoder["num_hidden_layers"]!, (int)decoder["num_key_value_heads"]!));
        Assert.Equal((true, 0.6, 24), ((bool)json["search"]!["do_sample"]!, (double)json["search"]!["temperature"]!, (int)json["search"]!["max_length"]!));
        string[] Names(string key) => [.. decoder[key]!.AsObject().Select(pair => (string)pair.Value!)
            .SelectMany(name => name.Contains("%d", StringComparison.Ordinal) ? Enumerable.Range(0, 2).Select(layer => name.Replace("%d", $"{layer}", StringComparison.Ordinal)) : [name]).Order(StringComparer.Ordinal)];
        Assert.Equal(session.InputNames.Order(StringComparer.Ordinal), Names("inputs"));
        Assert.Equal(session.OutputNames.Order(StringComparer.Ordinal), Names("outputs"));
        Assert.True(File.Exists(folder["out/tokenizer.json"]));
        Assert.False(File.Exists(folder["out/readme.md"]));
    }

    private static string Import(TemporaryFolder folder, string target = "out")
    {
        using var model = HuggingFaceModel.Open(folder["source"]);
        Directory.CreateDirectory(folder[target]);
        model.Import(folder[target]);
        return folder[$"{target}/model.onnx"];
    }

    private static void AssertNear(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var index = 0; index < expected.Length; index++)
            Assert.Equal(expected[index], actual[index], Tolerance);
    }
}
