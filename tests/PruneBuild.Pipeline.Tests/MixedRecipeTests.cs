using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
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
    public void A_convolution_of_8_bits_has_a_scale_for_each_output()
    {
        using var project = new TinyProject();
        WriteConvolution(project.ModelPath);
        // 144 levels and 8 scales, 1280 levels in 40 groups; floats for either would be too many.
        var manifest = Build(project, $$"""{ "version": 1, "quantize": { "mixed": { "bytes": 1700 } }, "drift": { "kl": 1 }, {{Calibration}} }""");
        Assert.Equal([8, 8], manifest.Edits!.Mixed!.Weights.Select(weight => weight.Bits));
        Assert.Equal(144 + 32 + 1280 + 160, manifest.Edits.Mixed.Bytes);
        Assert.Equal("no operator reads convolution weights in groups", manifest.Edits.Mixed.Weights[0].Reason);
        using var artifact = OnnxModel.Load(Path.Combine(project.Request.ArtifactFolder, "model.onnx"));
        Assert.Contains(artifact.Weights.Values, weight => weight.Type == TensorProto.Types.DataType.Int8 && weight.Elements == 144);
        Assert.InRange(manifest.Drift!.Both.LayerError!.Value, 1e-4, 0.02);
        using var model = EdgeModel.Load(project.Request.ArtifactFolder);
        Assert.Equal(TinyProject.Classes, model.Run(new float[TinyProject.Inputs], [1, TinyProject.Inputs]).Length);
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

    /// <summary>Eight channels of 3 x 3 over two of 4 x 4, normalized, and ten classes.</summary>
    private static void WriteConvolution(string path)
    {
        var random = new Random(1);
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
        using var model = OnnxModel.Load(path);
        model.Graph.Node.Clear();
        var conv = new NodeProto { Name = "conv", OpType = "Conv", Input = { "image", "kernel" }, Output = { "c" } };
        conv.Set("pads", [1, 1, 1, 1]);
        model.Graph.Node.Add(new NodeProto { OpType = "Reshape", Input = { "x", "shape" }, Output = { "image" } });
        model.Graph.Node.Add(conv);
        model.Graph.Node.Add(new NodeProto { OpType = "BatchNormalization", Input = { "c", "gain", "shift", "mean", "variance" }, Output = { "n" } });
        model.Graph.Node.Add(new NodeProto { OpType = "Relu", Input = { "n" }, Output = { "a" } });
        model.Graph.Node.Add(new NodeProto { OpType = "Flatten", Input = { "a" }, Output = { "f" } });
        model.Graph.Node.Add(new NodeProto { Name = "classes", OpType = "MatMul", Input = { "f", "last" }, Output = { "logits" } });
        foreach (var name in model.Weights.Keys.ToList())
            model.RemoveWeight(name);
        model.SetWeight("shape", TensorProto.Types.DataType.Int64, [4], System.Runtime.InteropServices.MemoryMarshal.AsBytes<long>(new long[] { -1, 2, 4, 4 }));
        model.SetWeight("kernel", [8, 2, 3, 3], Draw(144));
        model.SetWeight("gain", [8], Draw(8));
        model.SetWeight("shift", [8], Draw(8));
        model.SetWeight("mean", [8], Draw(8));
        model.SetWeight("variance", [8], [.. Enumerable.Repeat(1f, 8)]);
        model.SetWeight("last", [128, TinyProject.Classes], Draw(1280));
        model.Save(path);
    }

    private static WorkRequest Ungated(TinyProject project) => project.Request with { Harness = null };

    private static ArtifactManifest Build(TinyProject project, string recipe)
    {
        project.WriteRecipe(recipe);
        Assert.True(project.Build(Ungated(project)), string.Join("; ", project.Diagnostics));
        return ArtifactManifest.Load(Path.Combine(project.Request.ArtifactFolder, ArtifactManifest.FileName));
    }
}
