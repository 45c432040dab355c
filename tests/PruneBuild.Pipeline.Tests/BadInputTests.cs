using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Pipeline.Tests;

/// <summary>Every fault of a user's file is one coded error at its place; the last good artifact is still whole afterwards.</summary>
public sealed class BadInputTests
{
    private const string Input = """{ "elementType": "float32", "shape": [32], "layout": "none" }""";

    [Theory]
    [InlineData("PB1010", 1, 25, """{ "version": 1, "prune" { } }""")]
    [InlineData("PB1011", 1, 17, """{ "version": 1, "prunes": { } }""")]
    [InlineData("PB1011", 1, 59, """{ "version": 1, "prune": { "pattern": "8x4", "sparsity":0,"sparse": 1 } }""")]
    [InlineData("PB1014", 1, 58, """{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 1.5 } }""")]
    [InlineData("PB1012", 1, 39, """{ "version": 1, "prune": { "pattern": "9by9", "sparsity": 0.5 } }""")]
    [InlineData("PB1012", 1, 44, """{ "version": 1, "quantize": { "precision": "int3" } }""")]
    [InlineData("PB1013", 1, 1, """{ "prune": { "pattern": "8x4", "sparsity": 0.5 } }""")]
    [InlineData("PB3003", 1, 76, """{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.5, "criterion": "obc" } }""")]
    [InlineData("PB3003", 1, 78, """{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.5, "layerRatios": "output-error" } }""")]
    [InlineData("PB3003", 1, 77, """{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.5, "sequential": true } }""")]
    [InlineData("PB3003", 1, 86, """{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.5, "reestimateBatchNorm": true } }""")]
    [InlineData("PB3003", 1, 75, """{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.5, "recovery": "bias" } }""")]
    [InlineData("PB3002", 0, 0, """{ "version": 1, "prune": { "pattern": "unstructured", "sparsity": 0.9 } }""")]
    [InlineData("PB1030", 1, 45, """{ "version": 1, "calibration": { "tensors": "no.f32", "input": { "elementType": "float32", "shape": [32], "layout": "none" } } }""")]
    public void A_faulty_recipe(string code, int line, int column, string recipe)
    {
        using var project = new TinyProject();
        var error = Fails(project, () => project.WriteRecipe(recipe));
        Assert.Equal(code, error.Code);
        if (line > 0)
            Assert.Equal((project.RecipePath, line, column), (error.File, error.Line, error.Column));
    }

    [Theory]
    [InlineData("PB2001", "missing")]
    [InlineData("PB2002", "empty")]
    [InlineData("PB2003", "text")]
    [InlineData("PB2003", "truncated")]
    [InlineData("PB2010", "NaN")]
    [InlineData("PB2010", "infinity")]
    public void A_faulty_model(string code, string fault)
    {
        using var project = new TinyProject();
        var error = Fails(project, () =>
        {
            switch (fault)
            {
                case "missing": File.Delete(project.ModelPath); break;
                case "empty": File.WriteAllBytes(project.ModelPath, []); break;
                case "text": File.WriteAllText(project.ModelPath, "This is not a model at all."); break;
                case "truncated": File.WriteAllBytes(project.ModelPath, File.ReadAllBytes(project.ModelPath)[..^1000]); break;
                default:
                    using (var model = OnnxModel.Load(project.ModelPath))
                    {
                        var values = model.Weights["w2"].ReadSingles();
                        values[77] = fault == "NaN" ? float.NaN : float.NegativeInfinity;
                        model.SetWeight("w2", [TinyProject.Wide, TinyProject.Wide], values);
                        model.Save(project.ModelPath);
                    }
                    break;
            }
        });
        Assert.Equal(code, error.Code);
        if (code == "PB2010")
            Assert.Contains("77", error.Message, StringComparison.Ordinal);
        if (fault != "missing")
            Assert.Equal(project.ModelPath, error.File);
    }

    [Theory]
    [InlineData("w2")]
    [InlineData("b3")]
    public void A_value_that_is_not_finite_is_refused_even_when_nothing_is_edited(string name)
    {
        using var project = new TinyProject();
        var error = Fails(project, () =>
        {
            project.WriteRecipe("""{ "version": 1 }""");
            using var model = OnnxModel.Load(project.ModelPath);
            var values = model.Weights[name].ReadSingles();
            values[3] = float.NaN;
            model.SetWeight(name, [.. model.Weights[name].Shape], values);
            model.Save(project.ModelPath);
        });
        Assert.Equal(("PB2010", project.ModelPath), (error.Code, error.File));
    }

    [Fact]
    public void A_constant_that_is_no_weight_may_be_infinite()
    {
        using var project = new TinyProject();
        using (var model = OnnxModel.Load(project.ModelPath))
        {
            model.SetWeight("floor", [], [float.NegativeInfinity]);
            model.Graph.Node.Add(new Graph.Onnx.NodeProto { OpType = "Max", Input = { "logits", "floor" }, Output = { "masked" } });
            model.Graph.Output[0].Name = "masked";
            model.Save(project.ModelPath);
        }
        Assert.True(project.Build(), string.Join("\n", project.Diagnostics));
    }

    [Fact]
    public void A_model_that_ONNX_Runtime_rejects()
    {
        using var project = new TinyProject();
        var error = Fails(project, () =>
        {
            using var model = OnnxModel.Load(project.ModelPath);
            model.Graph.Node[1].OpType = "NoSuchOperator";
            model.Save(project.ModelPath);
        });
        Assert.True(error.Code is "PB2012" or "PB5001", error.ToString());
        Assert.Contains("NoSuchOperator", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PB1031", "label")]
    [InlineData("PB1033", "cut tensors")]
    [InlineData("PB1032", "no labels")]
    [InlineData("PB1030", "no tensors")]
    [InlineData("PB1035", "escape")]
    [InlineData("PB1010", "malformed")]
    public void A_faulty_harness(string code, string fault)
    {
        using var project = new TinyProject();
        var error = Fails(project, () =>
        {
            var labels = Path.Combine(project.Folder, "common.u8");
            var tensors = Path.Combine(project.Folder, "common.f32");
            switch (fault)
            {
                case "label": File.WriteAllBytes(labels, [.. File.ReadAllBytes(labels)[..^1], 10]); break;
                case "cut tensors": File.WriteAllBytes(tensors, File.ReadAllBytes(tensors)[..^1]); break;
                case "no labels": File.WriteAllBytes(labels, []); break;
                case "no tensors": File.Delete(tensors); break;
                case "escape": File.WriteAllText(project.HarnessPath, File.ReadAllText(project.HarnessPath).Replace("common.f32", "../common.f32", StringComparison.Ordinal)); break;
                case "malformed": File.WriteAllText(project.HarnessPath, File.ReadAllText(project.HarnessPath).Replace("\"floors\": [", "\"floors\": ", StringComparison.Ordinal)); break;
            }
        });
        Assert.Equal(code, error.Code);
        Assert.Equal(project.HarnessPath, error.File);
        Assert.True(error.Line > 0 && error.Column > 0);
    }

    [Theory]
    [InlineData("PB1020", "linux-mips", null)]
    [InlineData("PB6001", "linux-musl-x64", null)]
    [InlineData("PB6001", "osx-x64", null)]
    [InlineData("PB1021", "linux-arm64", "toaster")]
    public void A_target_that_nobody_knows(string code, string rid, string? device)
    {
        using var project = new TinyProject();
        var error = Assert.Throws<PruneBuildException>(() => project.Build(project.Request with { Rid = rid, Device = device }));
        Assert.Equal(code, error.Code);
        Assert.False(Directory.Exists(project.Request.ArtifactFolder));
    }

    [Theory]
    [InlineData("PB1002", "8x4", null)]
    [InlineData("PB1002", "8x4:much", null)]
    [InlineData("PB1002", "2:4:0.9", null)]
    [InlineData("PB1002", "dense:0.5", null)]
    [InlineData("PB1014", "8x4:-0.1", null)]
    [InlineData("PB1002", null, "int3")]
    public void A_faulty_short_form_points_at_the_project(string code, string? prune, string? quantize)
    {
        using var project = new TinyProject();
        var error = Assert.Throws<PruneBuildException>(() => project.Build(project.Request with { Prune = prune, Quantize = quantize }));
        Assert.Equal(code, error.Code);
        Assert.Equal((project.Request.Position!.File, 3, 5), (error.Diagnostic.File, error.Diagnostic.Line, error.Diagnostic.Column));
    }

    [Theory]
    [InlineData(1, 71, """{ "version": 1, "prune": { "pattern": "8x4", "sparsity":0.5, "skip": ["wid"] } }""")]
    [InlineData(1, 84, """{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.5, "layers": { "wide2": 0.1 } } }""")]
    public void A_layer_that_the_model_does_not_have(int line, int column, string recipe)
    {
        using var project = new TinyProject();
        var error = Fails(project, () => project.WriteRecipe(recipe));
        Assert.Equal(("PB1012", project.RecipePath, line, column), (error.Code, error.File, error.Line, error.Column));
    }

    [Fact]
    public void Calibration_data_that_is_also_a_case_file()
    {
        using var project = new TinyProject();
        var error = Fails(project, () => project.WriteRecipe($$"""
            { "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.8, "recovery": "bias" },
              "calibration": { "tensors": "common.f32", "input": {{Input}} } }
            """));
        Assert.Equal(("PB1036", project.RecipePath, 2), (error.Code, error.File, error.Line));
    }

    [Theory]
    [InlineData("device")]
    [InlineData("label")]
    public void What_is_wrong_from_the_start_is_said_before_anything_is_pruned(string fault)
    {
        using var project = new TinyProject();
        if (fault == "label")
            File.WriteAllBytes(Path.Combine(project.Folder, "common.u8"), [.. Enumerable.Repeat((byte)200, TinyProject.Cases)]);
        var request = fault == "device" ? project.Request with { Device = "toaster" } : project.Request;
        Assert.Throws<PruneBuildException>(() => project.Build(request));
        Assert.Empty(project.Stages("prune"));
    }

    [Fact]
    public void Calibration_data_that_does_not_fit_the_model()
    {
        using var project = new TinyProject();
        var error = Fails(project, () => project.WriteRecipe($$"""
            { "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.8, "recovery": "bias" },
              "calibration": { "tensors": "calibration.f32", "input": {{Input.Replace("32]", "16]", StringComparison.Ordinal)}} } }
            """));
        Assert.Equal("PB3004", error.Code);
    }

    /// <summary>Builds a good artifact, breaks something, builds again, and checks that the good artifact is untouched.</summary>
    private static Diagnostic Fails(TinyProject project, Action sabotage)
    {
        Assert.True(project.Build(), string.Join("\n", project.Diagnostics));
        var good = TinyProject.Snapshot(project.Request.ArtifactFolder);
        sabotage();
        var error = Assert.Throws<PruneBuildException>(() => project.Build()).Diagnostic;
        Assert.Equal(good, TinyProject.Snapshot(project.Request.ArtifactFolder));
        Assert.DoesNotContain(
            Directory.EnumerateDirectories(project.Request.StagesFolder), folder => folder.EndsWith(".tmp", StringComparison.Ordinal));
        return error;
    }
}
