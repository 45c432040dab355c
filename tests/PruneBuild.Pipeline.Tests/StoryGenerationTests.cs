using System.Text;
using System.Text.Json.Nodes;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline.Tests;

/// <summary>A real language model of 260,000 weights writes stories.</summary>
public sealed class StoryGenerationTests
{
    private static readonly string Model = Path.Combine(PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "models", "stories260K");

    private static readonly string[] Beginnings =
        ["Once upon a time", "One day, a", "There was a", "Tom and", "The little girl", "Lily liked to", "A big dog", "The sun was", "Mom said", "In the park"];

    [Fact]
    public void Stories_of_the_quantized_model_are_held_against_checks_and_those_of_a_ruined_one_miss_them()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(Model, "model.safetensors")), "the language model is not on this machine");
        using var project = new TinyProject();
        var folder = Path.Combine(project.Folder, "assistant");
        Directory.CreateDirectory(folder);
        foreach (var name in (string[])["config.json", "model.safetensors"])
            File.Copy(Path.Combine(Model, name), Path.Combine(folder, name));
        WriteTokenizer(folder);
        File.WriteAllLines(Path.Combine(project.Folder, "cases.jsonl"), Beginnings.Select((text, i) => $$"""
            {"id":"s{{i}}","slice":"common","prompt":"{{text}}","expect":[{"type":"length","unit":"words","min":12,"dim":"instruction_following"},{"type":"regex","pattern":"[.!?]","dim":"instruction_following"}]}
            """.Trim()));
        File.WriteAllText(project.HarnessPath, """
            { "version": 1, "task": "generation", "generation": { "maxTokens": 60 }, "cases": [ { "jsonl": "cases.jsonl" } ],
              "dimensions": [ { "name": "instruction_following" } ],
              "floors": [ { "dimension": "instruction_following", "slice": "*", "min": 0.8, "mode": "point" }, { "metric": "len_ratio", "slice": "*", "min": 0.5, "max": 2, "mode": "point" } ] }
            """);
        project.WriteRecipe("""{ "version": 1, "quantize": { "precision": "int8" } }""");
        var request = project.Request with { Model = folder };
        StageRunner.Run("evaluate", request, project, CancellationToken.None);
        Assert.True(project.Diagnostics.Count == 0, string.Join('\n', project.Diagnostics));
        var story = WrittenTexts.Load(Path.Combine(project.Request.StagesFolder, Assert.Single(project.Stages("parent")), "texts.jsonl"))!.Texts[0].Text;
        Assert.StartsWith(", there was a", story, StringComparison.Ordinal);

        project.WriteRecipe("""{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.9 } }""");
        StageRunner.Run("evaluate", request, project, CancellationToken.None);
        Assert.Contains(project.Diagnostics, diagnostic => diagnostic is { Code: "PB4001", Severity: Severity.Error });
    }

    // The vocabulary of llama2.c as Hugging Face has those of SentencePiece: of equal pieces the earlier merges first.
    private static void WriteTokenizer(string folder)
    {
        var pieces = JsonNode.Parse(File.ReadAllText(Path.Combine(Model, "tok512.json")))!["pieces"]!.AsArray()
            .Select(piece => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes((string)piece!)).Trim('\n').Replace(' ', '▁')).ToList();
        pieces[13] = "<0x0A>";
        var vocabulary = new JsonObject();
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (id, piece) in pieces.Index())
        {
            var name = piece.Length == 0 ? $"<newline{id}>" : piece;
            if (ids.TryAdd(name, id))
                vocabulary[name] = id;
        }
        var merges = new JsonArray();
        foreach (var piece in pieces.Where(piece => piece.Length > 1 && piece[0] != '<'))
        {
            for (var split = 1; split < piece.Length; split++)
            {
                if (ids.ContainsKey(piece[..split]) && ids.ContainsKey(piece[split..]))
                    merges.Add(new JsonArray(piece[..split], piece[split..]));
            }
        }
        JsonObject Part(string type, params (string Key, JsonNode Value)[] more)
        {
            var part = new JsonObject { ["type"] = type };
            foreach (var (key, value) in more)
                part[key] = value;
            return part;
        }

        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), new JsonObject
        {
            ["added_tokens"] = new JsonArray([.. new[] { "<unk>", "<s>", "</s>" }.Select((token, id) => (JsonNode)new JsonObject
            {
                ["id"] = id, ["content"] = token, ["special"] = true, ["normalized"] = false, ["lstrip"] = false, ["rstrip"] = false, ["single_word"] = false,
            })]),
            ["normalizer"] = Part("Sequence", ("normalizers", new JsonArray(Part("Prepend", ("prepend", "▁")), Part("Replace", ("pattern", new JsonObject { ["String"] = " " }), ("content", "▁"))))),
            ["post_processor"] = Part("TemplateProcessing", ("single", new JsonArray(
                new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = "<s>", ["type_id"] = 0 } }, new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } })),
                ("pair", new JsonArray()), ("special_tokens", new JsonObject { ["<s>"] = new JsonObject { ["id"] = "<s>", ["ids"] = new JsonArray(1), ["tokens"] = new JsonArray("<s>") } })),
            ["decoder"] = Part("Sequence", ("decoders", new JsonArray(
                Part("Replace", ("pattern", new JsonObject { ["String"] = "▁" }), ("content", " ")), Part("ByteFallback"), Part("Fuse"), Part("Strip", ("content", " "), ("start", 1), ("stop", 0))))),
            ["model"] = Part("BPE", ("byte_fallback", true), ("unk_token", "<unk>"), ("fuse_unk", true), ("vocab", vocabulary), ("merges", merges)),
        }.ToJsonString());
    }
}
