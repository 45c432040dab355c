using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Diagnostics;
using PruneBuild.Runtime;
using PruneBuild.Tests;

namespace PruneBuild.Pipeline.Tests;

/// <summary>A folder in Hugging Face layout as the model of a request.</summary>
public sealed class ImportTests
{
    private const string Calibration = """
        "calibration": { "tokens": "text.u16", "elementType": "uint16", "length": 16 }
        """;

    [Fact]
    public void A_folder_becomes_an_artifact_with_what_onnxruntime_genai_reads()
    {
        using var project = Project("llama-small-heads");
        var manifest = Build(project, """{ "version": 1, "quantize": { "precision": "int8" } }""");

        Assert.Equal(15, manifest.Layers.Count);
        Assert.Contains(manifest.Layers, layer => layer.Kernel.Contains("int8", StringComparison.Ordinal));
        Assert.Superset(new HashSet<string> { "model.onnx", "genai_config.json", "tokenizer.json" }, manifest.Files.Select(file => file.Path).ToHashSet());
        Assert.Equal(
            [("model", "config.json"), ("external-data", "model.safetensors"), ("tokenizer", "tokenizer.json")],
            manifest.Inputs.Where(input => input.Role != "recipe").Select(input => (input.Role, Path.GetFileName(input.Path))));
        Run(project, groups: 2, headSize: 8);
    }

    [Fact]
    public void It_is_imported_once_for_all_recipes_and_anew_when_a_file_changes()
    {
        using var project = Project("qwen2");
        Build(project, """{ "version": 1 }""");
        Build(project, """{ "version": 1, "quantize": { "precision": "int8" } }""");
        Assert.Single(project.Stages("import"));

        TinyCheckpoint.Of("qwen2").Write(ModelFolder(project), "BF16");
        Build(project, """{ "version": 1 }""");
        Assert.Equal(2, project.Stages("import").Count);
    }

    [Theory]
    [InlineData("llama", "float")]
    [InlineData("llama-tied-biases", "int8")]
    [InlineData("gpt2", "int8")]
    [InlineData("qwen3", "int4")]
    public void What_onnxruntime_genai_reads_knows_the_width_whatever_the_embedding_is(string variant, string embeddings)
    {
        using var project = Project(variant);
        Build(project, $$"""{ "version": 1, "quantize": { "precision": "int4", "embeddings": "{{embeddings}}", "group": 16 } }""");
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(Request(project).ArtifactFolder, "genai_config.json")))!;
        Assert.Equal(32, (int)config["model"]!["decoder"]!["hidden_size"]!);
    }

    [Theory]
    [InlineData("model.onnx", true)]
    [InlineData("onnx/model.onnx", false)]
    public void A_model_that_was_exported_to_ONNX_already_is_taken_with_its_tokenizer(string place, bool hasGenAiConfig)
    {
        using var project = Project("llama");
        PruneBuild.Tests.Generation.TinyModel.WriteTokenizer(ModelFolder(project));
        var exported = Path.Combine(project.Folder, "exported");
        Directory.CreateDirectory(Path.Combine(exported, "onnx"));
        using (var parent = ParentFile.Open(ModelFolder(project)))
        using (var model = PruneBuild.Graph.OnnxModel.Load(parent.Path))
        {
            model.Save(Path.Combine(exported, place), externalData: true);
            foreach (var name in (string[])(hasGenAiConfig ? ["tokenizer.json", "genai_config.json"] : ["tokenizer.json"]))
                File.Copy(Path.Combine(Path.GetDirectoryName(parent.Path)!, name), Path.Combine(exported, name));
        }
        File.Copy(Path.Combine(ModelFolder(project), "config.json"), Path.Combine(exported, "config.json"));
        project.WriteRecipe("""{ "version": 1, "quantize": { "precision": "int8" } }""");
        Assert.True(project.Build(Request(project) with { Model = exported }), string.Join("; ", project.Diagnostics));

        var manifest = ArtifactManifest.Load(Path.Combine(project.Request.ArtifactFolder, ArtifactManifest.FileName));
        Assert.Equal(hasGenAiConfig, manifest.Files.Any(file => file.Path == "genai_config.json"));
        Assert.Superset(new HashSet<string> { "config.json", "model.onnx", "tokenizer.json" }, manifest.Files.Select(file => file.Path).ToHashSet());
        Assert.Equal(["model", "external-data", "tokenizer", "tokenizer"], manifest.Inputs.Where(input => input.Role != "recipe").Select(input => input.Role).Take(4));
        using var language = PruneBuild.Runtime.Text.LanguageModel.Load(project.Request.ArtifactFolder);
        using var generator = language.CreateGenerator();
        Assert.Equal(3, generator.Generate([1, 2, 3], new() { MaxTokens = 3, IgnoreEndTokens = true }).Tokens.Count);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gemma2")]
    [InlineData("phi3-longrope")]
    public void A_recipe_says_whose_attention_it_is_and_the_text_is_the_same(string variant)
    {
        using var project = Project(variant);
        PruneBuild.Tests.Generation.TinyModel.WriteTokenizer(ModelFolder(project));
        IReadOnlyList<int> Written(string attention, string domain)
        {
            var manifest = Build(project, $$"""{ "version": 1, "attention": "{{attention}}" }""");
            Assert.Equal(attention, manifest.Options["attention"]);
            using (var built = PruneBuild.Graph.OnnxModel.Load(project.ModelPath))
                Assert.All(built.Graph.Node.Where(node => node.OpType == "GroupQueryAttention"), node => Assert.Equal(domain, node.Domain));
            using var language = PruneBuild.Runtime.Text.LanguageModel.Load(project.Request.ArtifactFolder);
            using var generator = language.CreateGenerator();
            return generator.Generate([1, 2, 3, 7, 5], new() { MaxTokens = 12, IgnoreEndTokens = true }).Tokens;
        }
        Assert.Equal(Written("onnxruntime", "com.microsoft"), Written("prunebuild", "prunebuild"));
    }

    [Fact]
    public void A_lock_holds_the_files_of_the_folder()
    {
        using var project = Project("llama");
        File.WriteAllText(project.HarnessPath, """
            { "version": 1, "task": "language", "window": 16, "tokenizer": "assistant/tokenizer.json", "input": { "elementType": "uint16" },
              "cases": [ { "slice": "common", "tokens": "text.u16" } ], "floors": [ { "metric": "perplexity", "slice": "common", "maxDrop": 5 } ] }
            """);
        project.WriteRecipe("""{ "version": 1, "quantize": { "precision": "int8" } }""");
        var request = Request(project) with { Harness = project.HarnessPath };
        var (locked, obstacles) = HarnessLocking.Lock(project.HarnessPath, request.Model, "test", new DateOnly(2026, 11, 29), 1, CancellationToken.None);
        Assert.Empty(obstacles);
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], locked!.Model.Select(file => file.File));
        Assert.True(project.Build(request), string.Join("; ", project.Diagnostics));

        TinyCheckpoint.Of("llama").Write(request.Model, "BF16");
        Assert.False(project.Build(request));
        Assert.Equal("PB4203", Assert.Single(project.Diagnostics).Code);
    }

    [Theory]
    [InlineData("uniform")]
    [InlineData("slimllm")]
    [InlineData("adapt-pruner")]
    public void Heads_and_neurons_are_removed_from_it(string ratios)
    {
        using var project = Project("qwen3");
        var manifest = Build(project, $$"""{ "version": 1, "transformer": { "remove": 0.5, "layerRatios": "{{ratios}}" }, {{Calibration}} }""");

        var layers = manifest.Edits!.Transformer!;
        Assert.Equal(2, layers.Count);
        Assert.Equal(2, layers.Sum(layer => layer.KeptGroups));
        Assert.InRange(layers.Sum(layer => layer.KeptNeurons), 44, 52);
        if (ratios != "uniform")
            return;
        Run(project, groups: 1, headSize: 16);
        var decoder = JsonNode.Parse(File.ReadAllText(Path.Combine(project.Request.ArtifactFolder, "genai_config.json")))!["model"]!["decoder"]!;
        Assert.Equal((2, 1), ((int)decoder["num_attention_heads"]!, (int)decoder["num_key_value_heads"]!));
    }

    [Theory]
    [InlineData("qwen3", """ "depth": { "blocks": 1, "by": "block-influence" } """)]
    [InlineData("qwen3", """ "depth": { "blocks": 1, "by": "loss" } """)]
    [InlineData("qwen2", """ "hiddenSize": { "remaining": 0.5 } """)]
    [InlineData("gemma2", """ "structured": { "budget": { "units": 0.75 } } """)]
    [InlineData("llama", """ "prune": { "pattern": "2:4", "criterion": "sparsegpt", "recovery": "least-squares", "sequential": true } """)]
    [InlineData("llama", """ "prune": { "pattern": "8x4", "sparsity": 0.5, "criterion": "wanda", "redistribute": "rotation", "permute": true } """)]
    [InlineData("gpt2", """ "prune": { "pattern": "8x4", "sparsity": 0.5, "criterion": "wanda", "layerRatios": "output-error" } """)]
    [InlineData("gpt_neox", """ "quantize": { "precision": "int4", "method": "gptq" } """)]
    [InlineData("phi3", """ "quantize": { "precision": "int4", "method": "hqq", "group": 16 } """)]
    public void Every_kind_of_compression_works_on_it(string variant, string section)
    {
        using var project = Project(variant);
        var manifest = Build(project, $$"""{ "version": 1, {{section}}, {{Calibration}} }""");

        var changed = manifest.Edits is { Depth.Count: > 0 } or { HiddenSize: not null } or { Structured.Count: > 0 }
            || manifest.Layers.Any(layer => layer.Sparsity > 0.4 || layer.Precision == "int4");
        Assert.True(changed, string.Join(", ", manifest.Layers.Select(layer => $"{layer.Name} {layer.Sparsity:0.00} {layer.Precision}: {layer.Reason}")));
        var decoder = JsonNode.Parse(File.ReadAllText(Path.Combine(project.Request.ArtifactFolder, "genai_config.json")))!["model"]!["decoder"]!;
        Assert.Equal(manifest.Edits?.HiddenSize?.Kept?.Count ?? 32, (int)decoder["hidden_size"]!);
        var groups = JsonNode.Parse(File.ReadAllText(Path.Combine(ModelFolder(project), "config.json")))!["num_key_value_heads"] is { } count ? (int)count : 2;
        Run(project, groups, headSize: 16);
    }

    [Theory]
    [InlineData(""" "depth": { "blocks": 1, "by": "loss" } """)]
    [InlineData(""" "structured": { "budget": { "units": 0.75 } }, "quantize": { "precision": "int4", "embeddings": "int8", "group": 16 } """)]
    public void A_model_that_reads_long_texts_in_another_way_still_says_so(string section)
    {
        using var project = Project("phi3-longrope");
        Build(project, $$"""{ "version": 1, {{section}}, {{Calibration}} }""");
        Run(project, groups: 1, headSize: 16);
        using var model = EdgeModel.Load(project.Request.ArtifactFolder);
        Assert.Equal("2", model.Session.ModelMetadata.CustomMetadataMap["prunebuild.short_texts"]);
    }

    [Fact]
    public void It_can_be_trained()
    {
        using var project = Project("qwen3");
        var manifest = Build(project, $$"""
            { "version": 1, "prune": { "pattern": "2:4" }, "train": { "steps": 8, "batch": 4, "optimizer": "adamw" }, {{Calibration}} }
            """);
        var training = Assert.Single(manifest.Edits!.Training!);
        Assert.True(training.LossAfter < training.LossBefore);
        Run(project, groups: 2, headSize: 16);
    }

    [Fact]
    public void What_is_wrong_with_it_is_reported_at_its_file_and_leaves_nothing()
    {
        using var project = Project("llama");
        var made = TinyCheckpoint.Of("llama");
        made.Tensors["model.layers.1.mlp.up_proj.weight"].Values[5] = float.PositiveInfinity;
        made.Write(ModelFolder(project));
        AssertRefused(project, "PB2010", "model.safetensors");

        made = TinyCheckpoint.Of("llama");
        made.Config["model_type"] = "mamba";
        made.Write(ModelFolder(project));
        AssertRefused(project, "PB2024", "config.json");

        File.Delete(Path.Combine(ModelFolder(project), "config.json"));
        AssertRefused(project, "PB2020", "");
        Assert.Empty(project.Stages("import"));
    }

    private static void AssertRefused(TinyProject project, string code, string file)
    {
        project.WriteRecipe("""{ "version": 1 }""");
        var error = Assert.Throws<PruneBuildException>(() => project.Build(Request(project)));
        Assert.Equal((code, Path.TrimEndingDirectorySeparator(Path.Combine(ModelFolder(project), file))), (error.Code, error.Diagnostic.File));
        Assert.False(Directory.Exists(project.Request.ArtifactFolder));
    }

    private static TinyProject Project(string variant)
    {
        var project = new TinyProject();
        TinyCheckpoint.Of(variant).Write(ModelFolder(project));
        File.WriteAllText(Path.Combine(ModelFolder(project), "tokenizer.json"), "{}");
        var random = new Random(5);
        var tokens = Enumerable.Range(0, 16 * 24).Select(_ => (ushort)random.Next(TinyCheckpoint.Vocabulary)).ToArray();
        File.WriteAllBytes(Path.Combine(project.Folder, "text.u16"), MemoryMarshal.AsBytes(tokens.AsSpan()).ToArray());
        return project;
    }

    private static string ModelFolder(TinyProject project) => Path.Combine(project.Folder, "assistant");

    private static WorkRequest Request(TinyProject project) => project.Request with { Harness = null, Model = ModelFolder(project) };

    private static ArtifactManifest Build(TinyProject project, string recipe)
    {
        project.WriteRecipe(recipe);
        Assert.True(project.Build(Request(project)), string.Join("; ", project.Diagnostics));
        return ArtifactManifest.Load(Path.Combine(project.Request.ArtifactFolder, ArtifactManifest.FileName));
    }

    /// <summary>Runs the artifact on three tokens and an empty cache.</summary>
    private static void Run(TinyProject project, int groups, int headSize)
    {
        using var model = EdgeModel.Load(project.Request.ArtifactFolder);
        var names = model.Session.InputNames.ToList();
        var values = names.ConvertAll(name => name switch
        {
            "input_ids" => OrtValue.CreateTensorValueFromMemory(new long[] { 1, 30, 7 }, [1, 3]),
            "attention_mask" => OrtValue.CreateTensorValueFromMemory(new long[] { 1, 1, 1 }, [1, 3]),
            _ => OrtValue.CreateTensorValueFromMemory(Array.Empty<float>(), [1, groups, 0, headSize]),
        });
        using var options = new RunOptions();
        using var outputs = model.Session.Run(options, names, values, ["logits"]);
        values.ForEach(value => value.Dispose());
        Assert.Equal([1, 3, TinyCheckpoint.Vocabulary], outputs[0].GetTensorTypeAndShape().Shape);
        Assert.All(outputs[0].GetTensorDataAsSpan<float>().ToArray(), value => Assert.True(float.IsFinite(value)));
    }
}
