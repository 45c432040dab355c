using PruneBuild.Diagnostics;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline.Tests;

/// <summary><c>quantize.mixed</c>: a precision for every weight by what it costs the model.</summary>
public sealed class MixedRecipeTests
{
    private const string Calibration = TinyProject.Calibration;

    // 4 bits and a float scale for 32 inputs; the first and the last layer have 8 bits at least.
    private const long Least = (256 * 256 / 2) + (256 * 8 * 4) + (256 * 32) + (256 * 4) + (10 * 256) + (10 * 8 * 4);

    [Theory]
    [InlineData("greedy", 60_000, 4)]
    [InlineData("knapsack", 60_000, 4)]
    [InlineData("greedy", 90_000, 8)]
    [InlineData("knapsack", 90_000, 8)]
    public void A_budget_of_bytes_is_kept_and_the_manifest_has_every_choice(string search, int bytes, int bits)
    {
        using var project = new TinyProject();
        var manifest = Build(project, $$"""{ "version": 1, "quantize": { "mixed": { "bytes": {{bytes}}, "search": "{{search}}" } }, {{Calibration}} }""");
        var mixed = manifest.Edits!.Mixed!;
        Assert.Equal((search, "bytes", (double)bytes), (mixed.Search, mixed.Unit, mixed.Most));
        Assert.InRange(mixed.Used, Least, bytes);
        Assert.Equal(mixed.Used, mixed.Bytes);
        Assert.Equal(["first", "wide", "last"], mixed.Weights.Select(weight => weight.Layer));
        Assert.Equal(bits, mixed.Weights[1].Bits);
        Assert.Equal([2, 3, 2], mixed.Weights.Select(weight => weight.Options.Count));
        Assert.Equal(mixed.Weights.Select(weight => weight.Bits switch { 4 => "int4", 8 => "int8", _ => "fp32" }), manifest.Layers.Select(layer => layer.Precision));
        Assert.Equal(mixed.Bytes, manifest.Layers.Sum(layer => layer.Bytes));
        Assert.InRange(mixed.Kl!.Value, 0, 0.05);
        var folder = Path.Combine(project.Request.StagesFolder, Assert.Single(project.Stages("mixed")));
        Assert.Equal(1 + 7, File.ReadAllLines(Path.Combine(folder, "sensitivity.csv")).Length);
        Assert.True(File.Exists(Path.Combine(folder, "sensitivity.svg")));
        Assert.Equal($"bytes:{bytes}", manifest.Options["quantize.mixed"]);
        using var model = EdgeModel.Load(project.Request.ArtifactFolder);
        Assert.Equal(TinyProject.Classes, model.Run(new float[TinyProject.Inputs], [1, TinyProject.Inputs]).Length);
    }

    [Fact]
    public void A_budget_of_divergence_holds_for_the_model_as_measured()
    {
        using var project = new TinyProject();
        ArtifactMixedPrecision Within(string kl) => Build(project, $$"""{ "version": 1, "quantize": { "mixed": { "kl": {{kl}}, "search": "greedy" } }, {{Calibration}} }""").Edits!.Mixed!;
        var (loose, tight) = (Within("1"), Within("0.000001"));
        Assert.Equal(Least, loose.Bytes);
        Assert.True(tight.Kl <= 1e-6 && loose.Kl > tight.Kl && tight.Bytes > loose.Bytes);
        Assert.Equal(tight.Kl, tight.Used);
        Assert.Single(project.Stages("sensitivity"));
    }

    [Fact]
    public void A_budget_of_time_goes_by_the_planner_of_the_target()
    {
        using var project = new TinyProject();
        ArtifactManifest Within(string milliseconds) => Build(project, $$"""{ "version": 1, "quantize": { "mixed": { "milliseconds": {{milliseconds}} } }, {{Calibration}} }""");
        var plenty = Within("1000").Edits!.Mixed!;
        Assert.All(plenty.Weights, weight => Assert.Equal(32, weight.Bits));
        Assert.Equal(0.0, plenty.Kl!.Value, 1e-9);
        project.WriteRecipe($$"""{ "version": 1, "quantize": { "mixed": { "milliseconds": 0.0001 } }, {{Calibration}} }""");
        var error = Assert.Throws<PruneBuildException>(() => project.Build(Ungated(project)));
        Assert.Equal("PB3041", error.Code);
        var least = double.Parse(error.Message.Split("the least is ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        var tight = Within((least + 0.0001).ToString("R", System.Globalization.CultureInfo.InvariantCulture)).Edits!.Mixed!;
        Assert.InRange(tight.Used, least - 0.0001, least + 0.0001);
        Assert.Single(project.Stages("sensitivity"));
    }

    [Fact]
    public void Pruned_weights_of_4_bits_still_get_a_sparse_kernel_where_it_is_faster()
    {
        using var project = new TinyProject();
        var manifest = Build(project, $$"""
            { "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.8 }, "quantize": { "mixed": { "bytes": 60000 } }, {{Calibration}} }
            """);
        Assert.Equal("block8x4.int4", manifest.Layers[1].Kernel);
    }

    [Fact]
    public void The_dense_parent_is_quantized_with_the_same_precisions_for_the_interaction()
    {
        using var project = new TinyProject();
        var manifest = Build(project, $$"""
            { "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.8 }, "quantize": { "mixed": { "bytes": 60000 } }, "drift": { "interaction": true, "kl": 1 }, {{Calibration}} }
            """);
        Assert.Single(project.Stages("mixed"));
        Assert.Equal(2, project.Stages("quantize").Count);
        Assert.True(manifest.Drift!.Quantization!.Kl > 0);
    }

    [Fact]
    public void Another_budget_reads_the_sensitivities_back_and_other_precisions_do_not()
    {
        using var project = new TinyProject();
        Build(project, $$"""{ "version": 1, "quantize": { "mixed": { "bytes": 60000 } }, {{Calibration}} }""");
        Build(project, $$"""{ "version": 1, "quantize": { "mixed": { "bytes": 90000, "search": "greedy" } }, {{Calibration}} }""");
        Assert.Equal((1, 2, 2), (project.Stages("sensitivity").Count, project.Stages("mixed").Count, project.Stages("quantize").Count));
        Build(project, $$"""{ "version": 1, "quantize": { "mixed": { "bytes": 90000, "precisions": ["float", "int8"] } }, {{Calibration}} }""");
        Assert.Equal(2, project.Stages("sensitivity").Count);
    }

    [Fact]
    public void The_artifact_is_the_same_bytes_on_every_thread_count()
    {
        string Artifact(int threads)
        {
            using var project = new TinyProject();
            project.WriteRecipe($$"""{ "version": 1, "quantize": { "mixed": { "bytes": 100000 } }, {{Calibration}} }""");
            Assert.True(project.Build(Ungated(project) with { Threads = threads }));
            return TinyProject.Snapshot(project.Request.ArtifactFolder);
        }
        Assert.Equal(Artifact(1), Artifact(3));
    }

    [Theory]
    [InlineData("PB3003", 40, """{ "version": 1, "quantize": { "mixed": { "bytes": 60000 } } }""")]
    [InlineData("PB1012", 40, """{ "version": 1, "quantize": { "mixed": { }, "skip": [] }, """ + Calibration + " }")]
    [InlineData("PB1012", 40, """{ "version": 1, "quantize": { "mixed": { "bytes": 1, "kl": 1 } }, """ + Calibration + " }")]
    [InlineData("PB1012", 47, """{ "version": 1, "quantize": { "mixed": { "kl":0 } }, """ + Calibration + " }")]
    [InlineData("PB1012", 61, """{ "version": 1, "quantize": { "mixed": { "kl": 1, "search": "best" } }, """ + Calibration + " }")]
    [InlineData("PB1012", 66, """{ "version": 1, "quantize": { "mixed": { "kl": 1, "precisions": ["int3"] } }, """ + Calibration + " }")]
    [InlineData("PB1012", 60, """{ "version": 1, "quantize": {"precision": "int8", "mixed": { "kl": 1 } }, """ + Calibration + " }")]
    [InlineData("PB1011", 51, """{ "version": 1, "quantize": { "mixed": { "kl": 1, "bits": 4 } }, """ + Calibration + " }")]
    [InlineData("PB3041", 51, """{ "version": 1, "quantize": { "mixed": { "bytes": 50000 } }, """ + Calibration + " }")]
    public void A_choice_that_cannot_be_made(string code, int column, string recipe)
    {
        using var project = new TinyProject();
        project.WriteRecipe(recipe);
        var error = Assert.Throws<PruneBuildException>(() => project.Build(Ungated(project)));
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
