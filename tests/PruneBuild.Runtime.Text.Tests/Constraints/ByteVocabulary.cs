using System.Text.Json.Nodes;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Constraints;

/// <summary>A tokenizer with a token for every byte, some of several, and the marks of tool calls; texts are encoded as bytes and marks.</summary>
internal static class ByteVocabulary
{
    public const int End = 2;
    public const int Count = FirstByte + 256 + 9;

    private const int FirstByte = 3;

    private static readonly string[] Several = ["{\"", "\":", "\",", "\"}", "}}", "true"];
    private static readonly string[] Characters = ["▁{", "▁", "\"", "}", ":", "é"];

    private const string CharactersDecoder = """
        { "type": "Sequence", "decoders": [ { "type": "Replace", "pattern": { "String": "▁" }, "content": " " }, { "type": "ByteFallback" }, { "type": "Fuse" }, { "type": "Strip", "content": " ", "start": 1, "stop": 0 } ] }
        """;

    /// <summary>The token of a byte.</summary>
    public static int Of(byte value) => FirstByte + value;

    /// <summary>Writes the tokenizer.</summary>
    /// <param name="folder">Where it goes.</param>
    /// <param name="ofCharacters">Whether it is one of characters, with bytes for the rest and a space before every text, as SentencePiece's are.</param>
    public static void Write(string folder, bool ofCharacters = false)
    {
        var (vocabulary, added, next) = (new JsonObject { ["<unk>"] = 0, ["<s>"] = 1, ["</s>"] = End }, new JsonArray(), FirstByte);
        for (var value = 0; value < 256; value++)
            vocabulary[ofCharacters ? $"<0x{value:X2}>" : ByteAlphabet.Of((byte)value).ToString()] = next++;
        foreach (var token in ofCharacters ? Characters : Several)
            vocabulary[token] = next++;
        void Add(string content, int id, bool special) => added.Add(new JsonObject { ["id"] = id, ["content"] = content, ["special"] = special, ["normalized"] = false });
        foreach (var (token, id) in new[] { ("<unk>", 0), ("<s>", 1), ("</s>", End) })
            Add(token, id, special: true);
        // Qwen's tokenizer has its marks as text, Mistral's is special.
        Add("<tool_call>", next++, special: false);
        Add("</tool_call>", next++, special: false);
        Add("[TOOL_CALLS]", next++, special: true);
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), new JsonObject
        {
            ["added_tokens"] = added,
            ["pre_tokenizer"] = ofCharacters ? null : new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false },
            ["decoder"] = JsonNode.Parse(ofCharacters ? CharactersDecoder : """{ "type": "ByteLevel" }"""),
            ["model"] = new JsonObject { ["type"] = "BPE", ["unk_token"] = "<unk>", ["byte_fallback"] = ofCharacters, ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        }.ToJsonString());
    }
}
