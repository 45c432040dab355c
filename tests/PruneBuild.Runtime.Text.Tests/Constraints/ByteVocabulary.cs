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

    /// <summary>The token of a byte.</summary>
    public static int Of(byte value) => FirstByte + value;

    public static void Write(string folder)
    {
        var (vocabulary, added, next) = (new JsonObject { ["<unk>"] = 0, ["<s>"] = 1, ["</s>"] = End }, new JsonArray(), FirstByte);
        for (var value = 0; value < 256; value++)
            vocabulary[ByteAlphabet.Of((byte)value).ToString()] = next++;
        foreach (var token in Several)
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
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["unk_token"] = "<unk>", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        }.ToJsonString());
    }
}
