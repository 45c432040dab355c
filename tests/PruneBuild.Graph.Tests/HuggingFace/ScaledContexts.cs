using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Graph.HuggingFace;
using PruneBuild.Tests;

namespace PruneBuild.Graph.Tests.HuggingFace;

/// <summary>What RoPE scaling makes of a published model's frequencies, and how long the texts of an imported model may be.</summary>
public sealed class ScaledContexts
{
    /// <summary>
    /// Of DeepSeek-V3 (θ 10 000, 64 features, 4096 tokens × 40) frequencies 0 to 10 stay, from 23 on they are divided; of Qwen 2.5 with its
    /// YaRN (θ 1 000 000, 128 features, 32768 tokens × 4) 0 to 23 stay and from 40 on they are divided.
    /// </summary>
    [Theory]
    [InlineData(64, 1e4, 163840, """{ "type": "yarn", "factor": 40, "original_max_position_embeddings": 4096, "beta_fast": 32, "beta_slow": 1, "mscale": 1.0, "mscale_all_dim": 1.0 }""", 40, 10, 23, 1, 163840)]
    [InlineData(128, 1e6, 32768, """{ "type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768 }""", 4, 23, 40, 1.138629436, 131072)]
    public void Yarn_divides_the_slow_frequencies_of_published_models(
        int headSize, double root, int positions, string scaling, double factor, int kept, int divided, double magnitude, int context)
    {
        var of = Architecture(headSize, config =>
        {
            (config["rope_theta"], config["max_position_embeddings"], config["rope_scaling"]) = (root, positions, JsonNode.Parse(scaling));
        });
        var frequencies = of.Rotary!.Frequencies();
        Assert.Equal(headSize / 2, frequencies.Length);
        for (var index = 0; index < frequencies.Length; index++)
        {
            var turned = Math.Pow(root, -2.0 * index / headSize);
            var share = index <= kept ? 0 : index >= divided ? 1 : (double)(index - kept) / (divided - kept);
            Assert.Equal(1, frequencies[index] / ((turned * (1 - share)) + (turned / factor * share)), 1e-12);
        }
        Assert.Equal(magnitude, of.Rotary.Magnitude, 1e-9);
        Assert.Equal(context, of.MaxPositions);
    }

    [Theory]
    [InlineData("llama-yarn", 8192)]
    [InlineData("qwen3-yarn", TinyCheckpoint.Positions)]
    [InlineData("gpt_neox-yarn", 3 * TinyCheckpoint.Positions)]
    [InlineData("llama-dynamic", TinyCheckpoint.Positions)]
    [InlineData("llama-linear", TinyCheckpoint.Positions)]
    public void The_context_is_what_the_scaling_reaches_or_the_config_says(string variant, int tokens)
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.Of(variant).Write(folder["source"]);
        Directory.CreateDirectory(folder["out"]);
        List<string> told = [];
        ModelFolder.Import(folder["source"], folder["out"], told.Add);
        var json = JsonNode.Parse(File.ReadAllText(folder["out/genai_config.json"]))!;
        Assert.Equal((tokens, tokens), ((int)json["model"]!["context_length"]!, (int)json["search"]!["max_length"]!));
        Assert.Equal(variant == "llama-dynamic", told.Exists(line => line.Contains("end at 24 tokens", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("llama-dynamic")]
    [InlineData("phi3-partial")]
    public void A_text_that_is_longer_than_the_context_has_no_answer(string variant)
    {
        using var folder = new TemporaryFolder();
        var checkpoint = TinyCheckpoint.Of(variant);
        checkpoint.Config["rope_scaling"] = JsonNode.Parse("""{ "rope_type": "dynamic", "factor": 2.0 }""");
        checkpoint.Write(folder["source"]);
        Directory.CreateDirectory(folder["out"]);
        ModelFolder.Import(folder["source"], folder["out"]);
        using var session = new DecoderSession(folder["out/model.onnx"]);
        session.Feed(new long[TinyCheckpoint.Positions]);
        Assert.Throws<OnnxRuntimeException>(() => session.Feed(3));
    }

    [Fact]
    public void A_text_as_long_as_yarn_reaches_is_read()
    {
        using var folder = new TemporaryFolder();
        var checkpoint = TinyCheckpoint.Of("gpt_neox-yarn");
        checkpoint.Write(folder["source"]);
        Directory.CreateDirectory(folder["out"]);
        ModelFolder.Import(folder["source"], folder["out"]);
        long[] text = [.. Enumerable.Range(0, 3 * TinyCheckpoint.Positions).Select(position => (long)(position * 7 % TinyCheckpoint.Vocabulary))];
        using var session = new DecoderSession(folder["out/model.onnx"]);
        var expected = new ReferenceDecoder(checkpoint).Logits(text);
        Assert.All(session.Feed(text).Zip(expected), rows => Assert.All(rows.First.Zip(rows.Second), pair => Assert.Equal(pair.Second, pair.First, 1e-4)));
    }

    /// <summary>The architecture of a tiny model with one head of a size.</summary>
    private static DecoderArchitecture Architecture(int headSize, Action<JsonObject> change)
    {
        using var folder = new TemporaryFolder();
        var checkpoint = TinyCheckpoint.Llama("llama", heads: 1, headSize: headSize);
        checkpoint.Config["head_dim"] = headSize;
        change(checkpoint.Config);
        checkpoint.Write(folder.Path);
        using var model = HuggingFaceModel.Open(folder.Path);
        return model.Architecture;
    }
}
