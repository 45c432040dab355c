using System.Text.Json.Nodes;
using PruneBuild.Graph.HuggingFace;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Generation;

/// <summary>A language model of random weights, imported as the build does it, with a tokenizer of bytes.</summary>
internal sealed class TinyModel : IDisposable
{
    /// <summary>Tokens before those of letters: unknown, begin, end.</summary>
    public const int Controls = 3;

    /// <summary>The letters of the vocabulary; 37 of them fill its 40 tokens, the first three of two and three bytes in parts.</summary>
    public const string Letters = "abcdefghijklmnopqrstuvwxyz .,!";

    private readonly TemporaryFolder folder = new();

    public TinyModel(string variant = "llama", Action<string>? change = null, int? positions = null)
        : this(WithPositions(TinyCheckpoint.Of(variant), positions), change)
    {
    }

    public TinyModel(TinyCheckpoint checkpoint, Action<string>? change = null)
    {
        var source = System.IO.Path.Combine(folder.Path, "source");
        checkpoint.Write(source);
        WriteTokenizer(source);
        Path = System.IO.Path.Combine(folder.Path, "model");
        Directory.CreateDirectory(Path);
        using (var model = HuggingFaceModel.Open(source))
            model.Import(Path);
        change?.Invoke(Path);
    }

    public string Path { get; }

    public LanguageModel Open(LanguageModelOptions? options = null) => LanguageModel.Open(Path, options ?? new() { Threads = 1 });

    public void Dispose() => folder.Dispose();

    private static TinyCheckpoint WithPositions(TinyCheckpoint checkpoint, int? positions)
    {
        if (positions is { } count)
            checkpoint.Config["max_position_embeddings"] = count;
        return checkpoint;
    }

    /// <summary>A byte-level vocabulary without merges: letters, and the bytes of é and €.</summary>
    public static void WriteTokenizer(string folder, int first = Controls, string letters = Letters)
    {
        var vocabulary = new JsonObject { ["<unk>"] = 0, ["<s>"] = 1, ["</s>"] = 2 };
        foreach (var letter in letters.Select(letter => letter == ' ' ? 'Ġ' : letter).Concat("Ãĩ©âĤ¬Ģ"))
            vocabulary[letter.ToString()] = first++;
        var added = new JsonArray([.. new[] { "<unk>", "<s>", "</s>" }.Select((token, id) => (JsonNode)new JsonObject
        {
            ["id"] = id, ["content"] = token, ["special"] = true, ["normalized"] = false, ["lstrip"] = false, ["rstrip"] = false, ["single_word"] = false,
        })]);
        File.WriteAllText(System.IO.Path.Combine(folder, "tokenizer.json"), new JsonObject
        {
            ["added_tokens"] = added,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["unk_token"] = "<unk>", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        }.ToJsonString());
    }
}
