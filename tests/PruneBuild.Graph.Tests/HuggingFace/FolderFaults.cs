using System.Text.Json.Nodes;
using PruneBuild.Diagnostics;
using PruneBuild.Graph.HuggingFace;
using PruneBuild.Tests;

namespace PruneBuild.Graph.Tests.HuggingFace;

/// <summary>Folders whose files are missing, contradict each other or ask for what is not supported.</summary>
public sealed class FolderFaults
{
    [Theory]
    [InlineData("llama", """{ "model_type": "mixtral" }""", "PB2024", "mixtral")]
    [InlineData("llama", """{ "rope_scaling": { "rope_type": "proportional", "factor": 4.0 } }""", "PB2025", "proportional")]
    [InlineData("llama", """{ "rope_theta": 1 }""", "PB1012", "above 1")]
    [InlineData("llama", """{ "rope_scaling": { "type": "yarn" } }""", "PB1013", "factor")]
    [InlineData("llama", """{ "rope_scaling": { "type": "yarn", "original_max_position_embeddings": 24 } }""", "PB1013", "factor")]
    [InlineData("llama", """{ "rope_scaling": { "type": "yarn", "factor": 1.0, "original_max_position_embeddings": 8 } }""", "PB1012", "above 1")]
    [InlineData("llama", """{ "rope_scaling": { "type": "yarn", "factor": "4" } }""", "PB1012", "factor")]
    [InlineData("llama", """{ "rope_scaling": { "type": "yarn", "factor": 1000000 } }""", "PB1012", "stretched to more than")]
    [InlineData("llama", """{ "rope_scaling": { "type": "yarn", "factor": 4, "original_max_position_embeddings": 2.5 } }""", "PB1012", "2.5")]
    [InlineData("llama", """{ "rope_scaling": { "type": "yarn", "factor": 4, "beta_fast": 1 } }""", "PB1012", "above beta_slow, 1,")]
    [InlineData("llama", """{ "rope_scaling": { "type": "yarn", "factor": 4, "beta_slow": 40 } }""", "PB1012", "below beta_fast, 32,")]
    [InlineData("llama", """{ "rope_scaling": { "type": "yarn", "factor": 4, "beta_slow": [1] } }""", "PB1012", "beta_slow")]
    [InlineData("llama", """{ "rope_scaling": { "type": "yarn", "factor": 4, "truncate": 0 } }""", "PB1012", "truncate")]
    [InlineData("llama", """{ "rope_scaling": { "type": "yarn", "factor": 4, "mscale": 1, "mscale_all_dim": -1 } }""", "PB1012", "mscale_all_dim")]
    [InlineData("llama", """{ "rope_scaling": { "type": "yarn", "factor": 4, "attention_factor": 0 } }""", "PB1012", "attention_factor")]
    [InlineData("llama", """{ "rope_scaling": { "rope_type": "dynamic" } }""", "PB1013", "factor")]
    [InlineData("llama", """{ "rope_scaling": { "rope_type": "dynamic", "factor": 0.5 } }""", "PB1012", "above 1")]
    [InlineData("phi3", """{ "rope_scaling": { "type": "longrope", "short_factor": [1], "long_factor": [1] } }""", "PB1013", "original_max_position_embeddings")]
    [InlineData("phi3-longrope", """{ "original_max_position_embeddings": 0 }""", "PB1012", "original_max_position_embeddings")]
    [InlineData("phi3-longrope", """{ "original_max_position_embeddings": 1 }""", "PB1012", "above 1")]
    [InlineData("phi3-longrope", """{ "rope_scaling": { "type": "longrope", "long_factor": [1] } }""", "PB1013", "short_factor")]
    [InlineData("phi3-longrope", """{ "rope_scaling": { "type": "longrope", "short_factor": [1, 1] } }""", "PB1012", "a list of 8 numbers")]
    [InlineData("phi3-longrope", """{ "rope_scaling": { "type": "longrope", "short_factor": 2 } }""", "PB1012", "a list of 8 numbers")]
    [InlineData("phi3-longrope", """{ "rope_scaling": { "type": "su", "short_factor": [1, 1, 1, 1, 1, 1, 1, -1] } }""", "PB1012", "a list of 8 numbers")]
    [InlineData("phi3-longrope", """{ "rope_scaling": { "type": "su", "attention_factor": 0 } }""", "PB1012", "attention_factor")]
    [InlineData("llama", """{ "rope_scaling": { "rope_type": "llama3", "factor": 8.0 } }""", "PB1013", "low_freq_factor")]
    [InlineData("llama", """{ "rope_scaling": "linear" }""", "PB1012", "rope_scaling")]
    [InlineData("llama", """{ "hidden_act": "xielu" }""", "PB2028", "xielu")]
    [InlineData("llama", """{ "num_attention_heads": 3 }""", "PB1012", "num_attention_heads")]
    [InlineData("qwen3", """{ "num_key_value_heads": 3 }""", "PB1012", "num_key_value_heads")]
    [InlineData("qwen3", """{ "head_dim": 12 }""", "PB2028", "12 features")]
    [InlineData("llama", """{ "hidden_size": null }""", "PB1013", "hidden_size")]
    [InlineData("llama", """{ "hidden_size": -4 }""", "PB1012", "-4")]
    [InlineData("llama", """{ "num_hidden_layers": 2.5 }""", "PB1012", "2.5")]
    [InlineData("llama", """{ "max_position_embeddings": 2000000000 }""", "PB1012", "max_position_embeddings")]
    [InlineData("llama", """{ "rms_norm_eps": "small" }""", "PB1012", "rms_norm_eps")]
    [InlineData("llama", """{ "quantization_config": { "quant_method": "gptq" } }""", "PB2028", "quantization_config")]
    [InlineData("gpt2", """{ "scale_attn_by_inverse_layer_idx": true }""", "PB2028", "scale_attn_by_inverse_layer_idx")]
    [InlineData("gpt_neox", """{ "rotary_pct": 0.01 }""", "PB1012", "rotary_pct")]
    [InlineData("llama", """{ "rope_parameters": { "partial_rotary_factor": 0.01 } }""", "PB1012", "partial_rotary_factor")]
    [InlineData("mistral", """{ "layer_types": ["full_attention"] }""", "PB1012", "layer_types")]
    [InlineData("mistral", """{ "layer_types": ["full_attention", "chunked_attention"] }""", "PB2028", "layer_types")]
    public void A_config_value_that_cannot_be_used_is_refused_at_its_line(string variant, string change, string code, string part)
    {
        using var folder = new TemporaryFolder();
        var error = Refused(folder, variant, config =>
        {
            foreach (var (key, value) in JsonNode.Parse(change)!.AsObject())
                config[key] = value?.DeepClone();
        });
        Assert.Equal((code, folder["config.json"]), (error.Code, error.Diagnostic.File));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        if (code == "PB1013")
            return;
        // The value stands on the line that the message names, from its column on.
        var line = File.ReadAllLines(folder["config.json"])[error.Diagnostic.Line - 1];
        var key = JsonNode.Parse(change)!.AsObject().First();
        Assert.Contains(": ", line[..(error.Diagnostic.Column - 1)], StringComparison.Ordinal);
        Assert.True(line.Contains(key.Key, StringComparison.Ordinal) || key.Value is JsonObject, line);
    }

    [Theory]
    [InlineData("llama", "vocab_size", 41, "model.embed_tokens.weight", "[40, 32]", "[41, 32]")]
    [InlineData("llama", "intermediate_size", 64, "mlp.gate_proj.weight", "[48, 32]", "[64, 32]")]
    [InlineData("llama", "num_key_value_heads", 2, "self_attn.k_proj.weight", "[16, 32]", "[32, 32]")]
    [InlineData("gpt2", "n_positions", 48, "wpe.weight", "[24, 32]", "[48, 32]")]
    [InlineData("gpt_neox", "hidden_size", 64, "input_layernorm.weight", "[32]", "[64]")]
    public void A_shape_that_contradicts_the_config_is_refused_with_both(string variant, string key, int value, string tensor, string stored, string wanted)
    {
        using var folder = new TemporaryFolder();
        var error = Refused(folder, variant, config => config[key] = value);
        Assert.Equal(("PB2027", folder["model.safetensors"]), (error.Code, error.Diagnostic.File));
        foreach (var part in new[] { tensor, stored, wanted })
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_that_is_missing_and_one_that_is_too_much()
    {
        using var folder = new TemporaryFolder();
        var missing = Refused(folder, "llama", config => config["num_hidden_layers"] = 3);
        Assert.Equal(("PB2026", folder.Path), (missing.Code, missing.Diagnostic.File));
        Assert.Contains("model.layers.2.", missing.Message, StringComparison.Ordinal);

        var stranger = Refused(folder, "llama-tied-biases", config => config["mlp_bias"] = false);
        Assert.Equal(("PB2030", folder["model.safetensors"]), (stranger.Code, stranger.Diagnostic.File));
        Assert.Contains("model.layers.0.mlp.down_proj.bias", stranger.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_of_another_type()
    {
        using var folder = new TemporaryFolder();
        var made = TinyCheckpoint.Of("llama");
        made.Write(folder.Path, "F16");
        var bytes = File.ReadAllBytes(folder["model.safetensors"]);
        var at = bytes.AsSpan().IndexOf("\"F16\""u8);
        "\"I16\""u8.CopyTo(bytes.AsSpan(at));
        folder.Write("model.safetensors", bytes);
        var error = Assert.Throws<PruneBuildException>(() => HuggingFaceModel.Open(folder.Path).Dispose());
        Assert.Equal(("PB2029", folder["model.safetensors"]), (error.Code, error.Diagnostic.File));
    }

    [Fact]
    public void A_weight_that_is_not_a_number_leaves_no_model()
    {
        using var folder = new TemporaryFolder();
        var made = TinyCheckpoint.Of("gpt_neox");
        made.Tensors["gpt_neox.layers.1.attention.query_key_value.weight"].Values[70] = float.NaN;
        made.Write(folder["source"]);
        Directory.CreateDirectory(folder["out"]);
        using var model = HuggingFaceModel.Open(folder["source"]);
        var error = Assert.Throws<PruneBuildException>(() => model.Import(folder["out"]));
        Assert.Equal(("PB2010", folder["source/model.safetensors"]), (error.Code, error.Diagnostic.File));
        Assert.Contains("index 70", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder["out"]));
    }

    [Fact]
    public void A_folder_without_config_or_weights()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal("PB2020", Assert.Throws<PruneBuildException>(() => HuggingFaceModel.Open(folder.Path).Dispose()).Code);
        folder.Write("config.json", """{ "model_type": "llama" }"""u8.ToArray());
        folder.Write("pytorch_model.bin", [1]);
        var error = Assert.Throws<PruneBuildException>(() => HuggingFaceModel.Open(folder.Path).Dispose());
        Assert.Equal(("PB2020", folder.Path), (error.Code, error.Diagnostic.File));
    }

    [Theory]
    [InlineData("{", 1, 1)]
    [InlineData("{\n  \"model_type\": \"llama\",\n  \"hidden_size\": 3 2\n}", 3, 20)]
    [InlineData("[]", 1, 1)]
    public void A_config_that_is_no_JSON_is_refused_where_it_stops_being_it(string text, int line, int column)
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.Of("llama").Write(folder.Path);
        folder.Write("config.json", System.Text.Encoding.UTF8.GetBytes(text));
        var error = Assert.Throws<PruneBuildException>(() => HuggingFaceModel.Open(folder.Path).Dispose());
        Assert.Equal(("PB1010", folder["config.json"], line), (error.Code, error.Diagnostic.File, error.Diagnostic.Line));
        Assert.InRange(error.Diagnostic.Column, column, column + 1);
    }

    [Theory]
    [InlineData("missing.safetensors", "PB2022")]
    [InlineData("../outside.safetensors", "PB2023")]
    [InlineData("/etc/hostname", "PB2023")]
    [InlineData("sub/../../outside.safetensors", "PB2023")]
    public void A_shard_that_is_missing_or_outside(string shard, string code)
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.Of("llama").Write(folder["model"], shards: 2);
        File.Copy(folder["model/model-00001-of-00002.safetensors"], folder["outside.safetensors"]);
        var index = folder["model/model.safetensors.index.json"];
        File.WriteAllText(index, File.ReadAllText(index).Replace("model-00001-of-00002.safetensors", shard, StringComparison.Ordinal));
        var error = Assert.Throws<PruneBuildException>(() => HuggingFaceModel.Open(folder["model"]).Dispose());
        Assert.Equal((code, index, 1), (error.Code, error.Diagnostic.File, error.Diagnostic.Line));
        Assert.Contains(shard, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shard_that_is_a_link_out_of_the_folder()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "making a link needs a right there");
        using var folder = new TemporaryFolder();
        TinyCheckpoint.Of("llama").Write(folder["model"], shards: 2);
        var shard = folder["model/model-00001-of-00002.safetensors"];
        File.Move(shard, folder["outside.safetensors"]);
        File.CreateSymbolicLink(shard, folder["outside.safetensors"]);
        Assert.Equal("PB2023", Assert.Throws<PruneBuildException>(() => HuggingFaceModel.Open(folder["model"]).Dispose()).Code);
    }

    [Fact]
    public void A_shard_that_does_not_hold_what_the_index_says()
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.Of("llama").Write(folder.Path, shards: 2);
        File.Copy(folder["model-00001-of-00002.safetensors"], folder["model-00002-of-00002.safetensors"], overwrite: true);
        var error = Assert.Throws<PruneBuildException>(() => HuggingFaceModel.Open(folder.Path).Dispose());
        Assert.Equal(("PB2021", folder["model-00002-of-00002.safetensors"]), (error.Code, error.Diagnostic.File));
    }

    private static PruneBuildException Refused(TemporaryFolder folder, string variant, Action<JsonObject> change)
    {
        var made = TinyCheckpoint.Of(variant);
        change(made.Config);
        made.Write(folder.Path);
        return Assert.Throws<PruneBuildException>(() => HuggingFaceModel.Open(folder.Path).Dispose());
    }
}
