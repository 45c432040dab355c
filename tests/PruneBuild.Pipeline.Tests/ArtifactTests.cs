using PruneBuild.Runtime;

namespace PruneBuild.Pipeline.Tests;

public sealed class ArtifactTests
{
    [Fact]
    public void The_stages_turn_a_model_into_a_gated_artifact()
    {
        using var project = new TinyProject();
        Assert.True(project.Build(), string.Join("\n", project.Diagnostics));

        using var model = EdgeModel.Load(project.Request.ArtifactFolder);
        Assert.Equal("pass", model.Manifest.Verdict);
        Assert.Equal(TinyProject.Classes, model.Run(new float[TinyProject.Inputs], [1, TinyProject.Inputs]).Length);
        Assert.True(model.Manifest.Sizes.ArtifactBytes < model.Manifest.Sizes.ParentBytes / 4);
    }

    [Fact]
    public void The_manifest_names_every_input_option_and_layer_decision()
    {
        using var project = new TinyProject();
        project.Build();
        var manifest = ArtifactManifest.Load(Path.Combine(project.Request.ArtifactFolder, ArtifactManifest.FileName));

        Assert.Equal(["cases", "cases", "harness", "model", "recipe"], manifest.Inputs.Select(input => input.Role).Order(StringComparer.Ordinal));
        Assert.All(manifest.Inputs, input => Assert.Equal(FileFingerprints.Hash(Path.Combine(project.Folder, input.Path)), input.Sha256));
        Assert.Equal("8x4", manifest.Options["prune.pattern"]);
        Assert.Equal("0.8", manifest.Options["prune.sparsity"]);
        Assert.Equal("int8", manifest.Options["quantize.precision"]);

        Assert.Equal(["first", "wide", "last"], manifest.Layers.Select(layer => layer.Name));
        var wide = manifest.Layers[1];
        // The smallest of the weights that stay round to zero in int8.
        Assert.InRange(wide.Sparsity, 0.8, 0.9);
        Assert.Equal("block8x4.int8", wide.Kernel);
        Assert.All(manifest.Layers, layer =>
        {
            Assert.NotEmpty(layer.Candidates);
            Assert.NotEmpty(layer.Reason);
        });
        Assert.Contains("us", manifest.Layers[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_inputs_give_the_same_bytes_on_every_thread_count()
    {
        const string recipe = """
            { "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.8, "recovery": "least-squares" }, "quantize": { "precision": "int8" },
              "calibration": { "tensors": "calibration.f32", "input": { "elementType": "float32", "shape": [32], "layout": "none" } } }
            """;
        string Artifact(int threads)
        {
            using var project = new TinyProject();
            project.WriteRecipe(recipe);
            Assert.True(project.Build(project.Request with { Threads = threads }), string.Join("\n", project.Diagnostics));
            return TinyProject.Snapshot(project.Request.ArtifactFolder);
        }
        Assert.Equal(Artifact(1), Artifact(3));
    }

    [Theory]
    [InlineData("")]
    [InlineData(""", "criterion": "sparsegpt" """)]
    [InlineData(""", "criterion": "obc", "layerRatios": "output-error" """)]
    [InlineData(""", "criterion": "obc", "permute": true """)]
    [InlineData(""", "criterion": "obc", "permute": true, "sequential": true """)]
    [InlineData(""", "sequential": true, "reestimateBatchNorm": true """)]
    public void Every_way_to_prune_ends_in_an_artifact_that_its_options_describe(string ways)
    {
        using var project = new TinyProject();
        project.WriteRecipe($$"""
            { "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.8, "recovery": "least-squares"{{ways}} }, "quantize": { "precision": "int8" },
              "calibration": { "tensors": "calibration.f32", "input": { "elementType": "float32", "shape": [32], "layout": "none" } } }
            """);
        Assert.True(project.Build(), string.Join("\n", project.Diagnostics));
        var manifest = ArtifactManifest.Load(Path.Combine(project.Request.ArtifactFolder, ArtifactManifest.FileName));
        Assert.InRange(manifest.Layers[1].Sparsity, 0.78, 0.9);
        foreach (var way in Newtonsoft.Json.Linq.JObject.Parse("{" + ways.TrimStart(',') + "}").Properties())
            Assert.Equal(way.Value.ToString().ToLowerInvariant(), manifest.Options["prune." + way.Name]);
    }

    [Fact]
    public void Without_a_harness_the_artifact_says_that_nothing_was_gated()
    {
        using var project = new TinyProject();
        Assert.True(project.Build(project.Request with { Harness = null }));
        Assert.Equal("PB4003", Assert.Single(project.Diagnostics).Code);
        Assert.Equal("not gated", ArtifactManifest.Load(Path.Combine(project.Request.ArtifactFolder, ArtifactManifest.FileName)).Verdict);
    }

    [Fact]
    public void The_short_forms_of_the_reference_win_over_the_recipe()
    {
        using var project = new TinyProject();
        Assert.True(project.Build(project.Request with { Prune = "2:4", Quantize = "none", Harness = null }));
        var manifest = ArtifactManifest.Load(Path.Combine(project.Request.ArtifactFolder, ArtifactManifest.FileName));
        Assert.Equal("2:4", manifest.Options["prune.pattern"]);
        Assert.Equal("none", manifest.Options["quantize.precision"]);
        Assert.Equal(0.5, manifest.Layers[1].Sparsity, 6);
    }

    [Fact]
    public void A_new_artifact_replaces_the_files_of_the_old_one()
    {
        using var project = new TinyProject();
        project.Build();
        File.WriteAllText(Path.Combine(project.Request.ArtifactFolder, "left-over.bin"), "old");
        project.WriteModel(seed: 9);
        project.WriteCases("common", seed: 2, TinyProject.Cases);
        Assert.True(project.Build());
        Assert.False(File.Exists(Path.Combine(project.Request.ArtifactFolder, "left-over.bin")));
        Assert.Single(Directory.EnumerateDirectories(Path.GetDirectoryName(project.Request.ArtifactFolder)!));
    }
}
