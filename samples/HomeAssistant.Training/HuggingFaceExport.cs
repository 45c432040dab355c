using System.Text.Json;

namespace HomeAssistant.Training;

/// <summary>Writes network and vocabulary as a folder in Hugging Face layout.</summary>
internal static class HuggingFaceExport
{
    public static void Write(string folder, LlamaNetwork network, ChatVocabulary vocabulary)
    {
        Directory.CreateDirectory(folder);
        TokenizerFiles.Write(folder, vocabulary);
        JsonFile.Write(Path.Combine(folder, "config.json"), json => Config(json, network.Shape));
        JsonFile.Write(Path.Combine(folder, "generation_config.json"), json =>
        {
            Tokens(json);
            json.WriteBoolean("do_sample", false);
        });
        Safetensors.Write(Path.Combine(folder, "model.safetensors"), network.Named(network.Weights));
    }

    private static void Config(Utf8JsonWriter json, NetworkShape shape)
    {
        json.Strings("architectures", ["LlamaForCausalLM"]);
        json.WriteString("model_type", "llama");
        json.WriteNumber("vocab_size", shape.Vocabulary);
        json.WriteNumber("hidden_size", shape.Hidden);
        json.WriteNumber("intermediate_size", shape.FeedForward);
        json.WriteNumber("num_hidden_layers", shape.Layers);
        json.WriteNumber("num_attention_heads", shape.Heads);
        json.WriteNumber("num_key_value_heads", shape.KeyValueHeads);
        json.WriteNumber("head_dim", shape.HeadSize);
        json.WriteString("hidden_act", "silu");
        json.WriteNumber("max_position_embeddings", NetworkShape.MaxPositions);
        json.WriteNumber("rms_norm_eps", NetworkShape.Epsilon);
        json.WriteNumber("rope_theta", NetworkShape.RopeTheta);
        json.WriteNull("rope_scaling");
        json.WriteBoolean("attention_bias", false);
        json.WriteBoolean("mlp_bias", false);
        json.WriteBoolean("tie_word_embeddings", true);
        json.WriteString("torch_dtype", "float16");
        json.WriteBoolean("use_cache", true);
        Tokens(json);
    }

    private static void Tokens(Utf8JsonWriter json)
    {
        json.WriteNumber("eos_token_id", ChatVocabulary.Special.Index().Single(token => token.Item == ChatVocabulary.End).Index);
        json.WriteNumber("pad_token_id", ChatVocabulary.Special.Index().Single(token => token.Item == ChatVocabulary.Padding).Index);
    }
}
