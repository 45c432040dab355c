using System.Runtime.InteropServices;
using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline.Tests;

/// <summary>The <c>drift</c> section of a recipe.</summary>
public sealed class DriftRecipeTests
{
    private const string Calibration = TinyProject.Calibration;
    private const string Pruned = """ "prune": { "pattern": "8x4", "sparsity": 0.8, "recovery": "none" }, "quantize": { "precision": "int8" } """;
    private const string Lenient = """ "blockCosine": 0.5, "kl": 1, "top1": 0.5 """;

    [Fact]
    public void Effects_alone_together_and_the_rest_are_in_the_manifest_and_in_drift_json()
    {
        using var project = new TinyProject();
        var drift = Build(project, $$"""{ "version": 1, {{Pruned}}, "drift": { {{Lenient}}, "interaction": true }, {{Calibration}} }""").Drift!;
        Assert.Equal("dense parent", drift.Parent);
        Assert.Equal(["outputError", "layerError", "kl", "flips"], drift.Interaction!.Select(term => term.Figure));
        Assert.All(drift.Interaction!, term => Assert.Equal(term.Both!.Value - term.Pruning!.Value - term.Quantization!.Value, term.Rest!.Value, 1e-12));
        var kl = drift.Interaction!.Single(term => term.Figure == "kl");
        Assert.Equal((drift.Pruning!.Kl, drift.Quantization!.Kl, drift.Both.Kl), (kl.Pruning, kl.Quantization, kl.Both));
        // Blocks of small weights are gone, and 8 bits are fine: neither moves the output far.
        Assert.InRange(drift.Both.OutputError!.Value, 1e-4, 0.05);
        Assert.InRange(drift.Both.BlockCosine!.Value, 0.999, 1);
        Assert.True(drift.Both.Kl <= drift.Both.Kl95 && drift.Both.Kl95 <= drift.Both.Kl99);
        Assert.Equal(0, drift.Both.NonFinite);

        var json = JObject.Parse(File.ReadAllText(Path.Combine(project.Request.StagesFolder, Assert.Single(project.Stages("drift")), "drift.json")));
        Assert.Equal(["first", "wide", "last"], json["both"]!["layers"]!.Select(layer => (string)layer["name"]!));
        Assert.Equal(drift.Both.LayerError, json["both"]!["layers"]!.Average(layer => (double)layer["relativeError"]!));
        Assert.Equal(3, json["quantization"]!["blocks"]!.Count());
    }

    [Fact]
    public void Without_the_interaction_the_dense_parent_is_not_quantized()
    {
        using var project = new TinyProject();
        var drift = Build(project, $$"""{ "version": 1, {{Pruned}}, "drift": { {{Lenient}} }, {{Calibration}} }""").Drift!;
        Assert.Equal((null, null), (drift.Quantization, drift.Interaction));
        Assert.NotNull(drift.Pruning);
        Assert.Single(project.Stages("quantize"));
        Assert.Null(Build(project, $$"""{ "version": 1, {{Pruned}}, {{Calibration}} }""").Drift);
    }

    [Fact]
    public void A_gate_that_is_not_passed_is_a_warning_at_its_token_and_the_artifact_ships()
    {
        using var project = new TinyProject();
        var recipe = $$"""{ "version": 1, {{Pruned}}, "drift": { "blockCosine": 1, "kl":0, "top1": 0, "nonFinite": 0 }, {{Calibration}} }""";
        Build(project, recipe);
        var warnings = project.Diagnostics.Where(diagnostic => diagnostic.Code.StartsWith("PB70", StringComparison.Ordinal)).ToList();
        Assert.Equal(["PB7001", "PB7002"], warnings.Select(warning => warning.Code));
        Assert.All(warnings, warning => Assert.Equal((Severity.Warning, project.RecipePath, 1), (warning.Severity, warning.File, warning.Line)));
        Assert.Equal(
            [recipe.IndexOf("1, \"kl\"", StringComparison.Ordinal), recipe.IndexOf("0, \"top1\"", StringComparison.Ordinal)], warnings.Select(warning => warning.Column - 1));
        // The next build repeats them and measures nothing.
        Assert.True(project.Build(Ungated(project)));
        Assert.Single(project.Stages("drift"));
        Assert.Contains("PB7002", File.ReadAllText(project.Request.StampFile), StringComparison.Ordinal);
    }

    [Fact]
    public void Asked_to_fail_it_fails_and_the_report_shows_the_drift()
    {
        using var project = new TinyProject();
        project.WriteRecipe($$"""{ "version": 1, {{Pruned}}, "drift": { "kl": 0, "interaction": true, "mode": "fail" }, {{Calibration}} }""");
        Assert.False(project.Build(project.Request with { Reports = ["html"] }));
        Assert.Equal("PB7002", Assert.Single(project.Diagnostics, diagnostic => diagnostic.Severity == Severity.Error).Code);
        Assert.False(Directory.Exists(project.Request.ArtifactFolder));
        var html = File.ReadAllText(Path.Combine(Path.GetDirectoryName(project.Request.StampFile)!, "report.html"));
        Assert.Contains("quantization alone", html, StringComparison.Ordinal);
        Assert.Contains("What pruning and quantization do to each other", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_are_gates_too_and_point_at_the_section()
    {
        using var project = new TinyProject();
        var recipe = $$"""{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.98, "recovery": "none", "protectFirstLast": false }, "drift": { }, {{Calibration}} }""";
        Build(project, recipe);
        Assert.Equal(["PB7001", "PB7002", "PB7003"], project.Diagnostics.Select(diagnostic => diagnostic.Code).Where(code => code.StartsWith("PB70", StringComparison.Ordinal)));
        Assert.All(project.Diagnostics.Where(diagnostic => diagnostic.Code.StartsWith("PB70", StringComparison.Ordinal)),
            diagnostic => Assert.Equal(recipe.IndexOf("{ }", StringComparison.Ordinal) + 1, diagnostic.Column));
    }

    [Fact]
    public void Another_bound_reads_the_measurement_back_and_another_sparsity_does_not()
    {
        using var project = new TinyProject();
        string Recipe(double sparsity, double kl) => FormattableString.Invariant(
            $$"""{ "version": 1, "prune": { "pattern": "8x4", "sparsity": {{sparsity}}, "recovery": "none" }, "drift": { "kl": {{kl}} }, {{Calibration}} }""");
        Build(project, Recipe(0.5, 1));
        Build(project, Recipe(0.5, 2));
        Assert.Single(project.Stages("drift"));
        Build(project, Recipe(0.6, 2));
        Assert.Equal(2, project.Stages("drift").Count);
    }

    [Fact]
    public void Moved_channels_are_compared_in_their_new_order()
    {
        using var project = new TinyProject();
        var drift = Build(project, $$"""{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0, "permute": true, "recovery": "none" }, "drift": { {{Lenient}} }, {{Calibration}} }""").Drift!;
        Assert.Contains("moved", drift.Parent, StringComparison.Ordinal);
        Assert.InRange(drift.Both.BlockCosine!.Value, 1 - 1e-9, 1 + 1e-9);
        Assert.InRange(drift.Both.LayerError!.Value, 0, 1e-6);
    }

    [Theory]
    [InlineData("static")]
    [InlineData("float")]
    public void Folded_normalizations_are_no_drift(string activations)
    {
        using var project = new TinyProject();
        using (var model = OnnxModel.Load(project.ModelPath))
        {
            model.Graph.Node[0].Output[0] = "product";
            model.Graph.Node.Insert(1, new NodeProto { Name = "norm", OpType = "BatchNormalization", Input = { "product", "scale", "shift", "mean", "variance" }, Output = { "h1" } });
            foreach (var (name, value) in new[] { ("scale", 3f), ("shift", 0.5f), ("mean", 0.1f), ("variance", 4f) })
                model.SetWeight(name, [TinyProject.Wide], [.. Enumerable.Repeat(value, TinyProject.Wide)]);
            model.Save(project.ModelPath);
        }
        var drift = Build(project, $$"""{ "version": 1, "quantize": { "precision": "int8", "activations": "{{activations}}" }, "drift": { {{Lenient}} }, {{Calibration}} }""").Drift!;
        Assert.InRange(drift.Both.LayerError!.Value, 1e-6, 0.02);
    }

    [Fact]
    public void What_was_removed_cannot_be_compared_and_a_bound_on_it_says_so()
    {
        using var project = new TinyProject();
        var drift = Build(project, $$"""{ "version": 1, "structured": { "budget": { "units": 0.5 } }, "prune": { "pattern": "8x4", "sparsity": 0, "permute": true, "recovery": "none" }, "drift": { {{Lenient}} }, {{Calibration}} }""").Drift!;
        Assert.Null(drift.Both.BlockCosine);
        Assert.NotNull(drift.Both.Kl);
        Assert.Equal("PB7005", Assert.Single(project.Diagnostics, diagnostic => diagnostic.Code.StartsWith("PB70", StringComparison.Ordinal)).Code);
    }

    [Fact]
    public void Figures_are_the_same_on_every_thread_count()
    {
        string Json(int threads)
        {
            using var project = new TinyProject();
            project.WriteRecipe($$"""{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.5, "recovery": "none" }, "quantize": { "precision": "int4", "method": "rtn" }, "drift": { }, {{Calibration}} }""");
            Assert.True(project.Build(Ungated(project) with { Threads = threads }));
            return File.ReadAllText(Path.Combine(project.Request.StagesFolder, Assert.Single(project.Stages("drift")), "drift.json"));
        }
        Assert.Equal(Json(1), Json(3));
    }

    [Fact]
    public void A_language_model_is_compared_on_the_tokens_that_follow_and_on_what_it_writes()
    {
        var models = Path.Combine(PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "models", "stories260K");
        Assert.SkipUnless(File.Exists(Path.Combine(models, "model.onnx")), "the language model is not on this machine");
        using var project = new TinyProject();
        File.Copy(Path.Combine(models, "model.onnx"), project.ModelPath, overwrite: true);
        var tokenizer = new PruneBuild.Tests.LlamaTokenizer(Path.Combine(models, "tokenizer.bin"));
        var text = File.ReadAllText(Path.Combine(PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "data", "tinystories", "calibration.txt"));
        ushort[] tokens = [.. text[..20_000].Split("\n\n").SelectMany(story => tokenizer.Encode(story, 256)).Take(64 * 4).Select(token => (ushort)token)];
        File.WriteAllBytes(Path.Combine(project.Folder, "stories.u16"), MemoryMarshal.AsBytes(tokens.AsSpan()).ToArray());
        var drift = Build(project, """
            { "version": 1, "quantize": { "precision": "int4", "method": "rtn" }, "drift": { "interaction": true },
              "calibration": { "tokens": "stories.u16", "elementType": "uint16", "length": 64 } }
            """).Drift!;
        Assert.InRange(drift.Both.Kl!.Value, 0.001, 0.5);
        Assert.InRange(drift.Both.LossChange!.Value, -0.05, 0.5);
        Assert.InRange(drift.Both.GreedyAgreement!.Value, 0, 16);
        Assert.InRange(drift.Both.BlockCosine!.Value, 0.9, 1);
        Assert.Contains(drift.Interaction!, term => term.Figure == "loss" && term.Pruning == 0 && Math.Abs(term.Rest!.Value) < 1e-12);
    }

    [Theory]
    [InlineData("PB3003", 26, """{ "version": 1, "drift": { } }""")]
    [InlineData("PB1011", 28, """{ "version": 1, "drift": { "cosine": 1 }, """ + Calibration + " }")]
    [InlineData("PB1012", 34, """{ "version": 1, "drift": { "kl": -1 }, """ + Calibration + " }")]
    [InlineData("PB1012", 36, """{ "version": 1, "drift": { "top1": 95 }, """ + Calibration + " }")]
    [InlineData("PB1012", 36, """{ "version": 1, "drift": { "mode": "stop" }, """ + Calibration + " }")]
    public void A_section_that_cannot_be_meant(string code, int column, string recipe)
    {
        using var project = new TinyProject();
        project.WriteRecipe(recipe);
        var error = Assert.Throws<PruneBuildException>(() => project.Build());
        Assert.Equal((code, project.RecipePath, 1, column), (error.Code, error.Diagnostic.File, error.Diagnostic.Line, error.Diagnostic.Column));
    }

    private static WorkRequest Ungated(TinyProject project) => project.Request with { Harness = null };

    private static ArtifactManifest Build(TinyProject project, string recipe)
    {
        project.WriteRecipe(recipe);
        Assert.True(project.Build(Ungated(project)), string.Join("; ", project.Diagnostics));
        return ArtifactManifest.Load(Path.Combine(project.Request.ArtifactFolder, ArtifactManifest.FileName));
    }
}
