using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline.Tests;

/// <summary>Weights of 4 bits, dense and sparse, as a recipe asks for them.</summary>
public sealed class Int4RecipeTests
{
    private const string Calibration = TinyProject.Calibration;

    [Theory]
    [InlineData("rtn")]
    [InlineData("rtn-clip")]
    [InlineData("gptq")]
    [InlineData("hqq")]
    [InlineData("awq")]
    [InlineData("awq-gptq")]
    public void Dense_layers_have_4_bits_the_first_and_the_last_8(string method)
    {
        using var project = new TinyProject();
        var manifest = Build(project, $$"""{ "version": 1, "quantize": { "precision": "int4", "method": "{{method}}" }, {{Calibration}} }""");
        Assert.Equal(["dense.int8 (groups)", "dense.int4", "dense.int8 (groups)"], manifest.Layers.Select(layer => layer.Kernel));
        Assert.Equal(["int8", "int4", "int8"], manifest.Layers.Select(layer => layer.Precision));
        Assert.Equal((method, "32", "4"), (manifest.Options["quantize.method"], manifest.Options["quantize.group"], manifest.Options["quantize.accuracyLevel"]));
        using var artifact = OnnxModel.Load(Path.Combine(project.Request.ArtifactFolder, "model.onnx"));
        Assert.DoesNotContain("w2", artifact.Weights.Keys);
        // 4 bits and a scale of 32 for 32 weights, 8 bits and a scale at both ends.
        Assert.InRange(artifact.WeightBytes, 256 * 256 / 2, (256 * 256 * 6 / 8) + (256 * 42 * 10 / 8) + 4096);
        AssertAnswers(project, 0.9);
    }

    [Fact]
    public void Pruned_layers_get_a_sparse_kernel_of_4_bits_where_it_is_faster()
    {
        using var project = new TinyProject();
        var manifest = Build(project, $$"""
            { "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.8 }, "quantize": { "precision": "int4", "protectFirstLast": false }, {{Calibration}} }
            """);
        Assert.Equal("block8x4.int4", manifest.Layers[1].Kernel);
        Assert.All(manifest.Layers, layer => Assert.Equal("int4", layer.Precision));
        AssertAnswers(project, 0.9);
    }

    [Fact]
    public void A_sparse_kernel_ships_the_levels_of_gptq_and_nearest_ones_where_the_recipe_says_so()
    {
        using var project = new TinyProject();
        string Recipe(string method) => $$"""
            { "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.8 }, "quantize": { "precision": "int4", "method": "{{method}}", "protectFirstLast": false }, {{Calibration}} }
            """;
        foreach (var method in new[] { "gptq", "rtn" })
        {
            var manifest = Build(project, Recipe(method));
            Assert.Equal("block8x4.int4", manifest.Layers[1].Kernel);
            Assert.Equal(method == "gptq", manifest.Layers[1].Reason.Contains("levels by gptq", StringComparison.Ordinal));
            var (blob, floats) = (Packed(project), Floats(project));
            var nearest = Block8x4Int4.Format.Pack(WeightMatrix.FromSingles(floats, TinyProject.Wide, TinyProject.Wide));
            Assert.Equal(method == "rtn", blob.AsSpan().SequenceEqual(nearest));
            Assert.All(floats.Zip(Block8x4Int4.Format.Unpack(blob).ToSingles()), pair => Assert.True(pair.First != 0 || pair.Second == 0));
            AssertAnswers(project, 0.9);
        }
        Assert.Single(project.Stages("prune"));
        Assert.Equal(2, project.Stages("quantize").Count);
        Assert.Equal(2, project.Stages("select").Count);
        // The first method again: everything is there.
        Build(project, Recipe("gptq"));
        Assert.DoesNotContain(project.ProgressLines, line => line.StartsWith("select", StringComparison.Ordinal) || line.StartsWith("calibrate", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sparsegpt", "bias", false)]
    [InlineData("sparsegpt", "least-squares", true)]
    [InlineData("magnitude", "least-squares", false)]
    public void Levels_can_be_chosen_while_pruning(string criterion, string recovery, bool sequential)
    {
        using var project = new TinyProject();
        string Recipe(bool joint) => $$"""
            { "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.8, "criterion": "{{criterion}}", "recovery": "{{recovery}}", "sequential": {{(sequential ? "true" : "false")}} },
              "quantize": { "precision": "int4", "joint": {{(joint ? "true" : "false")}} }, {{Calibration}} }
            """;
        Build(project, Recipe(joint: false));
        var manifest = Build(project, Recipe(joint: true));
        Assert.Equal(("block8x4.int4", "true"), (manifest.Layers[1].Kernel, manifest.Options["quantize.joint"]));
        Assert.Contains("levels chosen while pruning", manifest.Layers[1].Reason, StringComparison.Ordinal);
        Assert.Equal(2, project.Stages("prune").Count);
        Assert.Equal(Floats(project), Block8x4Int4.Format.Unpack(Packed(project)).ToSingles());
        AssertAnswers(project, 0.9);
    }

    [Theory]
    [InlineData("""{ "version": 1, "quantize": {"precision": "int4", "joint": true}, CALIBRATION }""", 60, "prune")]
    [InlineData("""{ "version": 1, "quantize": {"precision": "int4", "joint": true, "method": "rtn"}, "prune": {"pattern": "8x4", "sparsity": 0.5}, CALIBRATION }""", 60, "rtn")]
    [InlineData("""{ "version": 1, "quantize": {"precision": "int4", "joint": true}, "prune": {"pattern": "unstructured", "sparsity": 0.5}, CALIBRATION }""", 60, "unstructured")]
    [InlineData("""{ "version": 1, "quantize": {"precision": "int4", "joint": true}, "prune": {"pattern": "8x4", "sparsity": 0.5}, "train": {"method": "feature"}, CALIBRATION }""", 60, "training")]
    public void Levels_that_cannot_be_chosen_while_pruning(string recipe, int column, string reason)
    {
        using var project = new TinyProject();
        project.WriteRecipe(recipe.Replace("CALIBRATION", Calibration, StringComparison.Ordinal));
        var error = Assert.Throws<PruneBuildException>(() => project.Build());
        Assert.Equal(("PB1044", project.RecipePath, 1, column), (error.Code, error.Diagnostic.File, error.Diagnostic.Line, error.Diagnostic.Column));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_8_bits_can_make_up_for_rounding_too()
    {
        using var project = new TinyProject();
        string Recipe(string method) => $$"""
            { "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.8 }, "quantize": { "precision": "int8", "method": "{{method}}" }, {{Calibration}} }
            """;
        Assert.DoesNotContain("quantize.method", Build(project, Recipe("rtn")).Options.Keys);
        var nearest = Quantized(project);
        Assert.Equal("gptq", Build(project, Recipe("gptq")).Options["quantize.method"]);
        Assert.Single(project.Stages("prune"));
        Assert.NotEqual(nearest, Quantized(project));
        AssertAnswers(project, 0.9);
    }

    [Theory]
    [InlineData("int4", "rtn", false)]
    [InlineData("int4", "gptq", true)]
    [InlineData("int8", "gptq", true)]
    public void Biases_give_back_what_rounding_takes_where_inputs_are_looked_at(string precision, string method, bool isDefault)
    {
        using var project = new TinyProject();
        var shifts = new Dictionary<bool, double>();
        foreach (var isPlain in new[] { true, false })
        {
            var option = isPlain ? "" : $", \"biasCorrection\": {(isDefault ? "false" : "true")}";
            var corrects = isPlain == isDefault;
            var manifest = Build(project, $$"""
                { "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.8 }, "quantize": { "precision": "{{precision}}", "method": "{{method}}"{{option}} }, {{Calibration}} }
                """);
            Assert.Equal(corrects, manifest.Options.ContainsKey("quantize.biasCorrection"));
            shifts[corrects] = MeanShift(project);
            AssertAnswers(project, 0.9);
        }
        Assert.Equal(2, project.Stages("quantize").Count);
        // Rounded activations are all there is to see of 8 bits.
        Assert.True(precision == "int8" || shifts[true] < shifts[false], $"{shifts[true]} against {shifts[false]}");
    }

    [Fact]
    public void Activations_that_do_not_bear_rounding_are_a_warning()
    {
        using var project = new TinyProject();
        using (var model = OnnxModel.Load(project.ModelPath))
        {
            // Two inputs that take each other away, so large that all others round to nothing beside them.
            var weights = model.Weights["w1"].ReadSingles();
            for (var row = 0; row < TinyProject.Wide; row++)
                weights[(row * TinyProject.Inputs) + 1] = weights[row * TinyProject.Inputs];
            model.SetWeight("w1", [TinyProject.Wide, TinyProject.Inputs], weights);
            model.Save(project.ModelPath);
        }
        var inputs = project.WriteInputs("calibration.f32", seed: 4, 256);
        for (var at = 0; at < inputs.Length; at += TinyProject.Inputs)
            (inputs[at], inputs[at + 1]) = (3000, -3000);
        File.WriteAllBytes(Path.Combine(project.Folder, "calibration.f32"), System.Runtime.InteropServices.MemoryMarshal.AsBytes(inputs.AsSpan()).ToArray());
        Build(project, $$"""{ "version": 1, "quantize": { "precision": "int4", "method": "rtn", "biasCorrection": true }, {{Calibration}} }""");
        Assert.Equal(Severity.Warning, Assert.Single(project.Diagnostics, diagnostic => diagnostic.Code == "PB3035").Severity);
    }

    [Fact]
    public void Skipped_layers_stay_float_and_named_ones_get_8_bits()
    {
        using var project = new TinyProject();
        var manifest = Build(project, """
            { "version": 1, "quantize": { "precision": "int4", "protectFirstLast": false, "skip": ["last"], "eightBit": ["first"], "symmetric": false, "group": 64 } }
            """);
        Assert.Equal(["int8", "int4", "fp32"], manifest.Layers.Select(layer => layer.Precision));
        AssertAnswers(project, 0.9);
    }

    [Fact]
    public void The_short_form_takes_what_the_data_allows()
    {
        using var project = new TinyProject();
        project.WriteRecipe($$"""{ "version": 1, {{Calibration}} }""");
        Assert.True(project.Build(project.Request with { Harness = null, Quantize = "int4" }));
        Assert.Equal("gptq", ArtifactManifest.Load(Path.Combine(project.Request.ArtifactFolder, ArtifactManifest.FileName)).Options["quantize.method"]);
    }

    [Theory]
    [InlineData("true", "gptq")]
    [InlineData("false", "awq")]
    public void Groups_of_8_bits_are_a_precision_of_their_own(string symmetric, string method)
    {
        using var project = new TinyProject();
        var manifest = Build(project, $$"""
            { "version": 1, "quantize": { "precision": "int8", "group": 64, "symmetric": {{symmetric}}, "method": "{{method}}" }, {{Calibration}} }
            """);
        Assert.All(manifest.Layers, layer => Assert.Equal(("int8", "dense.int8 (groups)"), (layer.Precision, layer.Kernel)));
        Assert.Equal(("int8", "64", method), (manifest.Options["quantize.precision"], manifest.Options["quantize.group"], manifest.Options["quantize.method"]));
        Assert.DoesNotContain("quantize.protectFirstLast", manifest.Options.Keys);
        AssertAnswers(project, 0.98);
    }

    [Fact]
    public void The_manifest_says_what_rounded_activations_and_scaled_channels_came_to()
    {
        using var project = new TinyProject();
        var edits = Build(project, $$"""{ "version": 1, "quantize": { "precision": "int4", "method": "awq" }, {{Calibration}} }""").Edits!;
        Assert.InRange(edits.Quantization!.ActivationRounding!.Value, 1e-5, 0.05);
        Assert.Null(edits.Quantization.Embeddings);
        // Both hidden layers are followed by Relu, which passes a scale on.
        Assert.Equal(2, edits.Redistributions!.Count(group => group is { Method: "awq" } && group.Units == TinyProject.Wide));
        Assert.DoesNotContain(project.Diagnostics, diagnostic => diagnostic.Code is "PB3035" or "PB3036");
        var exact = Build(project, $$"""{ "version": 1, "quantize": { "precision": "int4", "accuracyLevel": 0, "method": "rtn" }, {{Calibration}} }""");
        Assert.Null(exact.Edits);
    }

    [Fact]
    public void A_model_without_embeddings_warns_and_float16_storage_is_the_devices_to_refuse()
    {
        using var project = new TinyProject();
        var manifest = Build(project, """{ "version": 1, "quantize": { "precision": "int4", "embeddings": "int8", "skip": ["wide"], "store": "fp16" } }""");
        Assert.Equal("PB3036", Assert.Single(project.Diagnostics, diagnostic => diagnostic.Code.StartsWith("PB303", StringComparison.Ordinal)).Code);
        var half = PruneBuild.Targeting.DeviceCatalogue.Find(TinyProject.HostRid).HasHalfArithmetic;
        Assert.All(manifest.Layers, layer => Assert.Contains(half ? "stored as float16" : "no float16 arithmetic", layer.Reason, StringComparison.Ordinal));
        AssertAnswers(project, 0.9);
    }

    [Fact]
    public void The_short_form_keeps_the_groups_of_a_recipe_of_the_same_precision()
    {
        using var project = new TinyProject();
        project.WriteRecipe("""{ "version": 1, "quantize": { "precision": "int8", "group": 32 } }""");
        Assert.True(project.Build(project.Request with { Harness = null, Quantize = "int8" }));
        Assert.Equal("32", ArtifactManifest.Load(Path.Combine(project.Request.ArtifactFolder, ArtifactManifest.FileName)).Options["quantize.group"]);
        Assert.True(project.Build(project.Request with { Harness = null, Quantize = "int4" }));
        Assert.Equal("rtn", ArtifactManifest.Load(Path.Combine(project.Request.ArtifactFolder, ArtifactManifest.FileName)).Options["quantize.method"]);
    }

    [Theory]
    [InlineData("PB1012", 76, """{ "version": 1, "quantize": {"precision": "int8", "group": 32, "eightBit": ["*"]} }""")]
    [InlineData("PB1012", 74, """{ "version": 1, "quantize": {"precision": "int8", "group": 32, "method": "hqq"} }""")]
    [InlineData("PB1012", 65, """{ "version": 1, "quantize": {"precision": "int4", "embeddings": "int2"} }""")]
    [InlineData("PB1012", 60, """{ "version": 1, "quantize": {"precision": "int8", "store": "bf16"} }""")]
    [InlineData("PB1012", 65, """{ "version": 1, "quantize": {"precision": "none", "embeddings": "int8"} }""")]
    [InlineData("PB1012", 60, """{ "version": 1, "quantize": {"precision": "int4", "group": 48} }""")]
    [InlineData("PB1012", 68, """{ "version": 1, "quantize": {"precision": "int4", "accuracyLevel": 2} }""")]
    [InlineData("PB1012", 61, """{ "version": 1, "quantize": {"precision": "int4", "method": "smooth"} }""")]
    [InlineData("PB3003", 61, """{ "version": 1, "quantize": {"precision": "int4", "method": "awq"} }""")]
    [InlineData("PB3003", 61, """{ "version": 1, "quantize": {"precision": "int4", "method": "gptq"} }""")]
    [InlineData("PB3003", 61, """{ "version": 1, "quantize": {"precision": "int8", "method": "gptq"} }""")]
    [InlineData("PB1012", 61, """{ "version": 1, "quantize": {"precision": "int8", "method": "hqq"} }""")]
    [InlineData("PB1012", 60, """{ "version": 1, "quantize": {"precision": "int8", "joint": true} }""")]
    public void A_quantization_that_cannot_be_meant(string code, int column, string recipe)
    {
        using var project = new TinyProject();
        project.WriteRecipe(recipe);
        var error = Assert.Throws<PruneBuildException>(() => project.Build());
        Assert.Equal((code, project.RecipePath, 1, column), (error.Code, error.Diagnostic.File, error.Diagnostic.Line, error.Diagnostic.Column));
    }

    private static ArtifactManifest Build(TinyProject project, string recipe)
    {
        project.WriteRecipe(recipe);
        Assert.True(project.Build(project.Request with { Harness = null }), string.Join("; ", project.Diagnostics));
        return ArtifactManifest.Load(Path.Combine(project.Request.ArtifactFolder, ArtifactManifest.FileName));
    }

    /// <summary>The packed weights of the wide layer in the artifact.</summary>
    private static byte[] Packed(TinyProject project)
    {
        using var artifact = OnnxModel.Load(Path.Combine(project.Request.ArtifactFolder, "model.onnx"));
        return artifact.Weights["w2.block8x4.int4"].Read<byte>();
    }

    /// <summary>The weights of the wide layer as they were before its kernel was chosen, by the last build.</summary>
    private static float[] Floats(TinyProject project)
    {
        using var model = OnnxModel.Load(Path.Combine(Latest(project), "float.onnx"));
        return WeightSites.Find(model)[1].ReadMatrix(model);
    }

    private static sbyte[] Quantized(TinyProject project)
    {
        using var model = OnnxModel.Load(Path.Combine(Latest(project), "model.onnx"));
        return WeightSites.Find(model)[1].ReadQuantized(model).Values;
    }

    /// <summary>How far the mean outputs on the calibration data are from the dense parent's.</summary>
    private static double MeanShift(TinyProject project)
    {
        var inputs = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(project.Folder, "calibration.f32"))).ToArray();
        var rows = inputs.Length / TinyProject.Inputs;
        using var artifact = EdgeModel.Load(project.Request.ArtifactFolder);
        var (got, wanted) = (artifact.Run(inputs, [rows, TinyProject.Inputs]), project.RunParent(inputs));
        return Enumerable.Range(0, TinyProject.Classes).Average(output => Math.Abs(
            Enumerable.Range(0, rows).Average(row => (double)got[(row * TinyProject.Classes) + output] - wanted[(row * TinyProject.Classes) + output])));
    }

    private static string Latest(TinyProject project) =>
        Path.Combine(project.Request.StagesFolder, project.Stages("quantize").MaxBy(name => Directory.GetLastWriteTimeUtc(Path.Combine(project.Request.StagesFolder, name)))!);

    /// <summary>The labels are the dense parent's own answers.</summary>
    private static void AssertAnswers(TinyProject project, double least)
    {
        using var model = EdgeModel.Load(project.Request.ArtifactFolder);
        var labels = File.ReadAllBytes(Path.Combine(project.Folder, "common.u8"));
        var inputs = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(project.Folder, "common.f32"))).ToArray();
        var logits = model.Run(inputs, [labels.Length, TinyProject.Inputs]);
        var right = labels.Where((label, index) => logits.AsSpan(index * TinyProject.Classes, TinyProject.Classes).ToArray() is var row && Array.IndexOf(row, row.Max()) == label).Count();
        Assert.InRange(right / (double)labels.Length, least, 1);
    }
}
