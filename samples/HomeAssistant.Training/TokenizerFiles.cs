using System.Text.Json;

namespace HomeAssistant.Training;

/// <summary>Writes a vocabulary as <c>tokenizer.json</c> and <c>tokenizer_config.json</c> with the chat template.</summary>
internal static class TokenizerFiles
{
    private const string Template =
        "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

    public static void Write(string folder, ChatVocabulary vocabulary)
    {
        JsonFile.Write(Path.Combine(folder, "tokenizer.json"), json => Tokenizer(json, vocabulary));
        JsonFile.Write(Path.Combine(folder, "tokenizer_config.json"), Config);
    }

    private static void Tokenizer(Utf8JsonWriter json, ChatVocabulary vocabulary)
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        foreach (var (id, token) in ChatVocabulary.Special.Index())
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            Special(json, token);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNull("normalizer");
        Bytes(json, "pre_tokenizer");
        json.WriteNull("post_processor");
        Bytes(json, "decoder");
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteNull("unk_token");
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", false);
        json.WriteStartObject("vocab");
        foreach (var (id, token) in vocabulary.Tokens.Index())
            json.WriteNumber(token, id);
        json.WriteEndObject();
        json.Strings("merges", vocabulary.Merges.Select(merge => $"{merge.Left} {merge.Right}"));
        json.WriteEndObject();
    }

    private static void Config(Utf8JsonWriter json)
    {
        json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        json.WriteBoolean("add_bos_token", false);
        json.WriteNull("bos_token");
        json.WriteString("eos_token", ChatVocabulary.End);
        json.WriteString("pad_token", ChatVocabulary.Padding);
        json.WriteNull("unk_token");
        json.WriteBoolean("clean_up_tokenization_spaces", false);
        json.WriteNumber("model_max_length", NetworkShape.MaxPositions);
        json.WriteString("chat_template", Template);
        json.WriteStartObject("added_tokens_decoder");
        foreach (var (id, token) in ChatVocabulary.Special.Index())
        {
            json.WriteStartObject($"{id}");
            Special(json, token);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void Special(Utf8JsonWriter json, string token)
    {
        json.WriteString("content", token);
        json.WriteBoolean("single_word", false);
        json.WriteBoolean("lstrip", false);
        json.WriteBoolean("rstrip", false);
        json.WriteBoolean("normalized", false);
        json.WriteBoolean("special", true);
    }

    private static void Bytes(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject(name);
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", true);
        json.WriteEndObject();
    }
}
