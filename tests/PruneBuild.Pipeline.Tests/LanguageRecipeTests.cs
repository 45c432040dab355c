using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline.Tests;

/// <summary>A language model of five layers, 64 channels, 8 heads in 4 groups and 172 neurons, as a recipe shrinks it.</summary>
public sealed class LanguageRecipeTests
{
    private const int Window = 64;
    private const int Windows = 24;
    private const string Calibration = """
        "calibration": { "tokens": "stories.u16", "elementType": "uint16", "length": 64 }
        """;

    private static readonly string Models = Path.Combine(PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "models", "stories260K");

    [Theory]
    [InlineData("loss", """, "candidates": 4""")]
    [InlineData("block-influence", "")]
    public void Blocks_go_and_the_manifest_says_which_and_at_what_cost(string by, string more)
    {
        using var project = Project();
        var manifest = Build(project, $$"""{ "version": 1, "depth": { "blocks": 2, "by": "{{by}}"{{more}} }, {{Calibration}} }""");
        var removed = manifest.Edits!.Depth!;
        Assert.Equal(2, removed.Count);
        Assert.All(removed, block => Assert.Equal((by == "loss", by != "loss"), (block.Loss is not null, block.Influence is not null)));
        Assert.True((removed[0].Loss ?? removed[0].Influence) <= (removed[1].Loss ?? removed[1].Influence));
        Assert.Equal("2", manifest.Options["depth.blocks"]);
        // Attention has four layers, a feed-forward network three.
        Assert.InRange(Layers(project.ModelPath) - manifest.Layers.Count, 6, 8);
        Assert.Equal([1, 3, 512], Run(project));
    }

    [Fact]
    public void The_residual_stream_becomes_narrower()
    {
        using var project = Project();
        var manifest = Build(project, $$"""{ "version": 1, "hiddenSize": { "remaining": 0.7 }, {{Calibration}} }""");
        Assert.Equal((64, 48), (manifest.Edits!.HiddenSize!.Units, manifest.Edits.HiddenSize.Kept!.Count));
        Assert.Equal([1, 3, 512], Run(project));
    }

    [Theory]
    [InlineData("uniform", """["heads", "neurons"]""")]
    [InlineData("slimllm", """["neurons"]""")]
    [InlineData("adapt-pruner", """["heads", "neurons"]""")]
    public void Every_layer_loses_what_its_ratio_says(string ratios, string units)
    {
        using var project = Project();
        var manifest = Build(project, $$"""{ "version": 1, "transformer": { "remove": 0.25, "layerRatios": "{{ratios}}", "units": {{units}} }, {{Calibration}} }""");
        var layers = manifest.Edits!.Transformer!;
        Assert.Equal(5, layers.Count);
        Assert.All(layers, layer => Assert.InRange(layer.KeptNeurons, (int)(172 * (1 - layer.Removed)) - 1, (int)(172 * (1 - layer.Removed)) + 2));
        Assert.InRange(layers.Average(layer => layer.KeptNeurons / 172.0), 0.7, 0.8);
        var kept = layers.Sum(layer => layer.KeptGroups);
        Assert.InRange(kept, units.Contains("heads", StringComparison.Ordinal) ? 14 : 20, units.Contains("heads", StringComparison.Ordinal) ? 16 : 20);
        Assert.Equal([1, 3, 512], Run(project));
    }

    [Theory]
    [InlineData("""{ "precision": "int4", "method": "awq", "embeddings": "int8" }""", 8, 420_000)]
    [InlineData("""{ "precision": "int8", "embeddings": "int4" }""", 4, 480_000)]
    public void Embeddings_have_the_bits_asked_for(string quantize, int bits, long most)
    {
        using var project = Project();
        var manifest = Build(project, $$"""{ "version": 1, "quantize": {{quantize}}, {{Calibration}} }""");
        var embedding = Assert.Single(manifest.Edits!.Quantization!.Embeddings!);
        Assert.Equal((512, 64, bits, (string?)null), (embedding.Rows, embedding.Features, embedding.Bits, embedding.Reason));
        using var artifact = OnnxModel.Load(Path.Combine(project.Request.ArtifactFolder, "model.onnx"));
        Assert.Single(artifact.Graph.Node, node => node.OpType == "GatherBlockQuantized");
        Assert.InRange(artifact.WeightBytes, 100_000, most);
        Assert.Equal([1, 3, 512], Run(project));
    }

    [Fact]
    public void All_of_them_and_pruning_and_training_follow_one_another()
    {
        using var project = Project();
        var manifest = Build(project, $$"""
            { "version": 1, "depth": { "blocks": 1 }, "hiddenSize": { "remaining": 0.9 }, "transformer": { "remove": 0.1 },
              "structured": { "budget": { "units": 0.95 }, "align": 4 },
              "prune": { "pattern": "8x4", "sparsity": 0.5, "criterion": "wanda", "redistribute": "rotation" },
              "train": { "steps": 4, "batch": 4, "optimizer": "adamw" }, "quantize": { "precision": "int8" }, {{Calibration}} }
            """);
        var edits = manifest.Edits!;
        Assert.Single(edits.Depth!);
        Assert.Equal(64, edits.HiddenSize!.Units);
        Assert.NotEmpty(edits.Transformer!);
        Assert.NotEmpty(edits.Structured!);
        Assert.True(Assert.Single(edits.Training!).LossAfter < edits.Training![0].LossBefore);
        Assert.Contains(manifest.Layers, layer => layer.Sparsity > 0.45);
        Assert.Equal([1, 3, 512], Run(project));
    }

    [Fact]
    public void Another_hidden_size_reads_the_shallower_model_back()
    {
        using var project = Project();
        string Recipe(double remaining) => FormattableString.Invariant($$"""{ "version": 1, "depth": { "blocks": 1, "by": "block-influence" }, "hiddenSize": { "remaining": {{remaining}} }, {{Calibration}} }""");
        Build(project, Recipe(0.9));
        Build(project, Recipe(0.7));
        Assert.Single(project.Stages("depth"));
        Assert.Equal(2, project.Stages("hidden-size").Count);
    }

    [Theory]
    [InlineData("PB1012", 1, 38, """{ "version": 1, "depth": { "blocks": 0 } }""")]
    [InlineData("PB3003", 1, 26, """{ "version": 1, "depth": { "blocks": 1 } }""")]
    [InlineData("PB3003", 1, 31, """{ "version": 1, "hiddenSize": { "remaining": 0.5 } }""")]
    [InlineData("PB3003", 1, 32, """{ "version": 1, "transformer": { "remove": 0.5 } }""")]
    [InlineData("PB1012", 1, 55, """{ "version": 1, "depth": { "blocks": 3, "candidates": 2 }, """ + Calibration + " }")]
    [InlineData("PB1012", 1, 46, """{ "version": 1, "hiddenSize": { "remaining": 0 }, """ + Calibration + " }")]
    [InlineData("PB1012", 1, 44, """{ "version": 1, "transformer": { "remove": 2 }, """ + Calibration + " }")]
    [InlineData("PB1012", 1, 58, """{ "version": 1, "transformer": { "remove": 0.5, "units": ["experts"] }, """ + Calibration + " }")]
    [InlineData("PB1030", 1, 44, """{ "version": 1, "calibration": { "tokens": "none.u16", "length": 4, "elementType": "uint16" } }""")]
    [InlineData("PB3021", 1, 38, """{ "version": 1, "depth": { "blocks": 40 }, """ + Calibration + " }")]
    public void A_section_that_cannot_be_used(string code, int line, int column, string recipe)
    {
        using var project = Project();
        project.WriteRecipe(recipe);
        var error = Assert.Throws<PruneBuildException>(() => project.Build(Ungated(project)));
        Assert.Equal((code, project.RecipePath, line, column), (error.Code, error.Diagnostic.File, error.Diagnostic.Line, error.Diagnostic.Column));
    }

    [Theory]
    [InlineData("a token beyond the vocabulary", 513)]
    [InlineData("not even one window", 0)]
    public void Tokens_that_the_model_cannot_read(string what, int token)
    {
        using var project = Project();
        if (token > 0)
            WriteTokens(project, [.. Enumerable.Repeat((ushort)7, Window - 1), (ushort)token]);
        else
            WriteTokens(project, [1, 2, 3]);
        project.WriteRecipe($$"""{ "version": 1, "depth": { "blocks": 1 }, {{Calibration}} }""");
        var error = Assert.Throws<PruneBuildException>(() => project.Build(Ungated(project)));
        Assert.True(error.Code == (token > 0 ? "PB3004" : "PB1033"), $"{what}: {error.Message}");
        Assert.Equal(project.RecipePath, error.Diagnostic.File);
    }

    [Fact]
    public void A_model_that_takes_no_tokens_says_what_it_takes()
    {
        using var project = new TinyProject();
        WriteTokens(project, [.. Enumerable.Repeat((ushort)1, Window)]);
        project.WriteRecipe($$"""{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.5 }, {{Calibration}} }""");
        var error = Assert.Throws<PruneBuildException>(() => project.Build());
        Assert.Equal(("PB3004", project.RecipePath), (error.Code, error.Diagnostic.File));
        Assert.Contains("x", error.Message, StringComparison.Ordinal);
    }

    private static TinyProject Project()
    {
        var model = Path.Combine(Models, "model.onnx");
        Assert.SkipUnless(File.Exists(model), "the language model is not on this machine");
        var project = new TinyProject();
        File.Copy(model, project.ModelPath, overwrite: true);
        var tokenizer = new PruneBuild.Tests.LlamaTokenizer(Path.Combine(Models, "tokenizer.bin"));
        var text = File.ReadAllText(Path.Combine(PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "data", "tinystories", "calibration.txt"));
        var tokens = text[..Math.Min(text.Length, 20_000)].Split("\n\n").SelectMany(story => tokenizer.Encode(story, 256)).Take(Window * Windows);
        WriteTokens(project, [.. tokens.Select(token => (ushort)token)]);
        return project;
    }

    private static void WriteTokens(TinyProject project, ushort[] tokens) =>
        File.WriteAllBytes(Path.Combine(project.Folder, "stories.u16"), MemoryMarshal.AsBytes(tokens.AsSpan()).ToArray());

    private static WorkRequest Ungated(TinyProject project) => project.Request with { Harness = null };

    private static ArtifactManifest Build(TinyProject project, string recipe)
    {
        project.WriteRecipe(recipe);
        Assert.True(project.Build(Ungated(project)), string.Join("; ", project.Diagnostics));
        return ArtifactManifest.Load(Path.Combine(project.Request.ArtifactFolder, ArtifactManifest.FileName));
    }

    private static int Layers(string model)
    {
        using var loaded = OnnxModel.Load(model);
        return WeightSites.Find(loaded).Count;
    }

    private static long[] Run(TinyProject project)
    {
        using var model = EdgeModel.Load(project.Request.ArtifactFolder);
        using var input = OrtValue.CreateTensorValueFromMemory(new long[] { 1, 300, 7 }, [1, 3]);
        using var options = new RunOptions();
        using var outputs = model.Session.Run(options, ["input_ids"], [input], model.Session.OutputNames.Take(1).ToList());
        Assert.All(outputs[0].GetTensorDataAsSpan<float>().ToArray(), value => Assert.True(float.IsFinite(value)));
        return outputs[0].GetTensorTypeAndShape().Shape;
    }
}
