using System.Text.Json;
using PruneBuild.Diagnostics;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>The <c>genai_config.json</c> that onnxruntime-genai reads beside a model: its sizes, the names of its inputs and outputs, and how to search.</summary>
internal static class GenAiConfig
{
    /// <summary>Its name.</summary>
    public const string FileName = "genai_config.json";

    private static readonly string[] Tokens = ["bos_token_id", "eos_token_id", "pad_token_id"];

    /// <summary>Writes the file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="modelFile">Name of the model file beside it.</param>
    /// <param name="type">What onnxruntime-genai calls the model.</param>
    /// <param name="of">Its architecture.</param>
    /// <param name="config">Its config.</param>
    /// <param name="generation">Its <c>generation_config.json</c>, or null.</param>
    public static void Write(string path, string modelFile, string type, DecoderArchitecture of, FolderJson config, FolderJson? generation)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            Model(json, modelFile, type, of, config, generation);
            Search(json, of, generation);
            json.WriteEndObject();
        }
        AtomicFile.Write(path, stream.ToArray());
    }

    private static void Model(Utf8JsonWriter json, string modelFile, string type, DecoderArchitecture of, FolderJson config, FolderJson? generation)
    {
        json.WriteStartObject("model");
        json.WriteString("type", type);
        json.WriteNumber("vocab_size", of.Vocabulary);
        json.WriteNumber("context_length", of.MaxPositions);
        JsonElement? Token(string key) => generation?.Value(key) ?? config.Value(key);
        foreach (var key in Tokens)
        {
            // Without a token of its own padding is done with the first that ends a text.
            var token = Token(key) ?? (key == "pad_token_id" ? First(Token("eos_token_id")) : null);
            if (token is null)
                continue;
            json.WritePropertyName(key);
            token.Value.WriteTo(json);
        }
        json.WriteStartObject("decoder");
        json.WriteStartObject("session_options");
        json.WriteString("log_id", "onnxruntime-genai");
        json.WriteStartArray("provider_options");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteString("filename", modelFile);
        json.WriteNumber("head_size", of.HeadSize);
        json.WriteNumber("hidden_size", of.HiddenSize);
        json.WriteNumber("num_attention_heads", of.Heads);
        json.WriteNumber("num_hidden_layers", of.Layers);
        json.WriteNumber("num_key_value_heads", of.KeyValueHeads);
        Names(json, "inputs", ("input_ids", "input_ids"), ("attention_mask", "attention_mask"),
            ("past_key_names", "past_key_values.%d.key"), ("past_value_names", "past_key_values.%d.value"));
        Names(json, "outputs", ("logits", "logits"), ("present_key_names", "present.%d.key"), ("present_value_names", "present.%d.value"));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Search(Utf8JsonWriter json, DecoderArchitecture of, FolderJson? generation)
    {
        json.WriteStartObject("search");
        json.WriteBoolean("do_sample", generation?.Flag("do_sample", false) ?? false);
        json.WriteNumber("max_length", of.MaxPositions);
        json.WriteNumber("min_length", 0);
        json.WriteNumber("num_beams", 1);
        json.WriteNumber("num_return_sequences", 1);
        json.WriteBoolean("past_present_share_buffer", true);
        foreach (var key in new[] { "repetition_penalty", "temperature", "top_p" })
            json.WriteNumber(key, generation?.Number(key, 1) ?? 1);
        json.WriteNumber("top_k", generation?.Count("top_k", int.MaxValue, 50) ?? 50);
        json.WriteEndObject();
    }

    private static JsonElement? First(JsonElement? token) => token is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(item => (JsonElement?)item).FirstOrDefault() : token;

    private static void Names(Utf8JsonWriter json, string key, params (string Key, string Name)[] names)
    {
        json.WriteStartObject(key);
        foreach (var (inner, name) in names)
            json.WriteString(inner, name);
        json.WriteEndObject();
    }
}
