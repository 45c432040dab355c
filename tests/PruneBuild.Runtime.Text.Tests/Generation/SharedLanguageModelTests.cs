using System.Text.Json.Nodes;
using PruneBuild.Graph.HuggingFace;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Generation;

/// <summary>A real model of 260,000 weights, imported, with its tokenizer written as tokenizer.json, against another exporter's model without a cache.</summary>
public sealed class SharedLanguageModelTests
{
    private const string Beginning = "Once upon a time, there was a little girl named Lily. She loved to play";

    private static readonly string Source = Path.Combine(OnnxRuntimeNative.SharedFolder, "models", "stories260K");

    [Fact]
    public void A_story_goes_on_as_without_a_cache()
    {
        Skips.Unless(File.Exists(Path.Combine(Source, "model.safetensors")), "The language model is not on this machine.");
        using var folder = new TemporaryFolder();
        using (var source = HuggingFaceModel.Open(Path.GetFullPath(Source)))
            source.Import(folder.Path);
        WriteTokenizer(folder.Path);
        using var cached = LanguageModel.Open(folder.Path, new() { Threads = 1 });
        using var whole = LanguageModel.Open(Path.Combine(Path.GetFullPath(Source), "model.onnx"), new() { Threads = 1, TokenizerFolder = folder.Path, ContextLength = 256 });
        using var first = cached.CreateGenerator();
        using var second = whole.CreateGenerator();
        var options = new GenerationOptions { MaxTokens = 100 };

        var story = first.Generate(Beginning, options);
        Assert.Equal(second.Generate(Beginning, options).Text, story.Text);
        // Sense, as far as so small a model has it.
        Assert.Contains(" with ", story.Text, StringComparison.Ordinal);
        Assert.DoesNotContain('\uFFFD', story.Text);
        Assert.Equal([.. new LlamaTokenizer(Path.Combine(Source, "tokenizer.bin")).Encode(Beginning, 1000).Select(token => (int)token)], cached.Tokenizer.Encode(Beginning));

        // A prompt over several parts of it.
        var text = File.ReadAllText(Path.Combine(OnnxRuntimeNative.SharedFolder, "data", "tinystories", "gate.txt"));
        int[] prompt = [.. cached.Tokenizer.Encode(text[..2000]).Take(500)];
        var answer = first.Generate(prompt, new() { MaxTokens = 12 });
        using var uncut = LanguageModel.Open(folder.Path, new() { Threads = 1 });
        using var third = uncut.CreateGenerator();
        third.Logits(prompt[..137]);
        Assert.Equal(answer.Tokens, third.Generate(prompt, new() { MaxTokens = 12 }).Tokens);
        Assert.Equal(GenerationEnd.MaxTokens, answer.End);
    }

    /// <summary>The pieces of a llama2.c tokenizer with merges in the order of their scores.</summary>
    private static void WriteTokenizer(string folder)
    {
        using var reader = new BinaryReader(File.OpenRead(Path.Combine(Source, "tokenizer.bin")));
        reader.ReadInt32();
        var pieces = new List<(string Text, float Score)>();
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            var score = reader.ReadSingle();
            pieces.Add((System.Text.Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32())), score));
        }
        var vocabulary = new JsonObject();
        var names = pieces.Select((piece, id) => id switch { 0 => "<unk>", 1 => "<s>", 2 => "</s>", < 259 => $"<0x{id - 3:X2}>", _ => piece.Text.Replace(' ', '\u2581') }).ToList();
        for (var id = 0; id < names.Count; id++)
            vocabulary[names[id]] = id;
        var merges = new JsonArray();
        foreach (var id in Enumerable.Range(259, pieces.Count - 259).OrderByDescending(id => pieces[id].Score).ThenBy(id => id))
            for (var cut = 1; cut < names[id].Length; cut++)
                if (vocabulary.ContainsKey(names[id][..cut]) && vocabulary.ContainsKey(names[id][cut..]))
                    merges.Add(new JsonArray(names[id][..cut], names[id][cut..]));
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), new JsonObject
        {
            ["added_tokens"] = new JsonArray([.. new[] { "<unk>", "<s>", "</s>" }.Select((token, id) => (JsonNode)new JsonObject { ["id"] = id, ["content"] = token, ["special"] = true, ["normalized"] = false })]),
            ["normalizer"] = JsonNode.Parse("""{ "type": "Sequence", "normalizers": [ { "type": "Prepend", "prepend": "▁" }, { "type": "Replace", "pattern": { "String": " " }, "content": "▁" } ] }"""),
            ["post_processor"] = JsonNode.Parse("""
                { "type": "TemplateProcessing", "single": [ { "SpecialToken": { "id": "<s>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } } ], "special_tokens": { "<s>": { "ids": [ 1 ] } } }
                """),
            ["decoder"] = JsonNode.Parse("""
                { "type": "Sequence", "decoders": [ { "type": "Replace", "pattern": { "String": "▁" }, "content": " " }, { "type": "ByteFallback" }, { "type": "Fuse" }, { "type": "Strip", "content": " ", "start": 1, "stop": 0 } ] }
                """),
            ["model"] = new JsonObject { ["type"] = "BPE", ["unk_token"] = "<unk>", ["fuse_unk"] = true, ["byte_fallback"] = true, ["vocab"] = vocabulary, ["merges"] = merges },
        }.ToJsonString());
    }
}
