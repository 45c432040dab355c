using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline.Tests;

/// <summary>Activations as bytes, static and dynamic, as a recipe asks for them.</summary>
public sealed class StaticRecipeTests
{
    private const string Calibration = TinyProject.Calibration;

    [Theory]
    [InlineData("min-max")]
    [InlineData("percentile")]
    [InlineData("entropy")]
    [InlineData("mse")]
    public void Static_activations_end_in_operators_on_bytes(string method)
    {
        using var project = new TinyProject();
        var manifest = Build(project, $$"""{ "version": 1, "quantize": { "precision": "int8", "activations": "static", "calibrate": "{{method}}" }, {{Calibration}} }""");
        // The wide layer has blocks of zeros by itself.
        Assert.Equal(["dense.int8 (static)", "block8x4.int8", "dense.int8 (static)"], manifest.Layers.Select(layer => layer.Kernel));
        using var artifact = OnnxModel.Load(Path.Combine(project.Request.ArtifactFolder, "model.onnx"));
        Assert.Equal(["QuantizeLinear", "QGemm", "Relu", "SparseMatMul", "QuantizeLinear", "QGemm"], artifact.Graph.Node.Select(node => node.OpType));
        Assert.Equal("static", manifest.Options["quantize.activations"]);
        Assert.StartsWith(method, manifest.Options["quantize.calibrate"], StringComparison.Ordinal);
        AssertAnswers(project);
    }

    [Fact]
    public void Dynamic_activations_are_quantized_in_every_layer()
    {
        using var project = new TinyProject();
        var manifest = Build(project, """{ "version": 1, "quantize": { "precision": "int8", "activations": "dynamic" } }""");
        Assert.Equal(["dense.int8", "block8x4.int8", "dense.int8"], manifest.Layers.Select(layer => layer.Kernel));
        AssertAnswers(project);
    }

    [Theory]
    [InlineData("linux-x64-avx2", 63)]
    [InlineData("linux-x64-avx-vnni", 127)]
    public void Weights_have_7_bits_where_the_device_saturates(string device, int largest)
    {
        using var project = new TinyProject();
        project.WriteRecipe("""{ "version": 1, "quantize": { "precision": "int8", "activations": "dynamic" } }""");
        var request = project.Request with { Harness = null, Rid = "linux-x64", Device = device };
        Assert.True(project.Build(request), string.Join("; ", project.Diagnostics));
        using var artifact = OnnxModel.Load(Path.Combine(request.ArtifactFolder, "model.onnx"));
        var weights = artifact.Weights.Values.Where(weight => weight.Type == TensorProto.Types.DataType.Int8).ToList();
        Assert.Equal(2, weights.Count);
        Assert.All(weights, weight => Assert.Equal(largest, weight.Read<sbyte>().Max(value => Math.Abs((int)value))));
    }

    [Theory]
    [InlineData("\"calibrate\": \"mse\"")]
    [InlineData("\"calibrate\": \"percentile\", \"percentile\": 99.9")]
    [InlineData("\"activationsSymmetric\": true")]
    [InlineData("\"biasCorrection\": false")]
    [InlineData("\"weightBits\": 7")]
    [InlineData("\"smooth\": 0.4")]
    public void Another_option_is_another_model(string option)
    {
        using var project = new TinyProject();
        Build(project, $$"""{ "version": 1, "quantize": { "precision": "int8", "activations": "static", "weightBits": 8 }, {{Calibration}} }""");
        var before = project.Stages("quantize");
        var bits = option.Contains("weightBits", StringComparison.Ordinal) ? "" : "\"weightBits\": 8, ";
        Build(project, $$"""{ "version": 1, "quantize": { "precision": "int8", "activations": "static", {{bits}}{{option}} }, {{Calibration}} }""");
        Assert.Single(before);
        Assert.Equal(2, project.Stages("quantize").Count);
    }

    [Theory]
    [InlineData("PB3003", 66, """{ "version": 1, "quantize": {"precision": "int8", "activations": "static"} }""")]
    [InlineData("PB3003", 87, """{ "version": 1, "quantize": {"precision": "int8", "activations": "dynamic", "smooth": true} }""")]
    [InlineData("PB1012", 66, """{ "version": 1, "quantize": {"precision": "int8", "activations": "int16"} }""")]
    [InlineData("PB1012", 64, """{ "version": 1, "quantize": {"precision": "int8", "calibrate": "mse"} }""")]
    [InlineData("PB1012", 90, """{ "version": 1, "quantize": {"precision": "int8", "activations": "dynamic", "calibrate": "mse"} }""")]
    [InlineData("PB1012", 65, """{ "version": 1, "quantize": {"precision": "int8", "weightBits": 6} }""")]
    [InlineData("PB1012", 66, """{ "version": 1, "quantize": {"precision": "int4", "activations": "dynamic"} }""")]
    [InlineData("PB1012", 95, """{ "version": 1, "quantize": {"precision": "int8", "activations": "dynamic", "biasCorrection": true} }""")]
    [InlineData("PB3003", 69, """{ "version": 1, "quantize": {"precision": "int8", "biasCorrection": true} }""")]
    [InlineData("PB3003", 69, """{ "version": 1, "quantize": {"precision": "int4", "biasCorrection": true} }""")]
    [InlineData("PB1012", 69, """{ "version": 1, "quantize": {"precision": "none", "biasCorrection": true} }""")]
    [InlineData("PB1012", 89, """{ "version": 1, "quantize": {"precision": "int8", "activations": "static", "calibrate": "median"}, CALIBRATION }""")]
    [InlineData("PB1012", 90, """{ "version": 1, "quantize": {"precision": "int8", "activations": "static", "percentile": 99.9}, CALIBRATION }""")]
    [InlineData("PB1012", 117, """{ "version": 1, "quantize": {"precision": "int8", "activations": "static", "calibrate": "percentile", "percentile": 30}, CALIBRATION }""")]
    [InlineData("PB1012", 86, """{ "version": 1, "quantize": {"precision": "int8", "activations": "static", "smooth": 2}, CALIBRATION }""")]
    public void A_quantization_that_cannot_be_meant(string code, int column, string recipe)
    {
        using var project = new TinyProject();
        project.WriteRecipe(recipe.Replace("CALIBRATION", Calibration, StringComparison.Ordinal));
        var error = Assert.Throws<PruneBuildException>(() => project.Build());
        Assert.Equal((code, project.RecipePath, 1, column), (error.Code, error.Diagnostic.File, error.Diagnostic.Line, error.Diagnostic.Column));
    }

    private static ArtifactManifest Build(TinyProject project, string recipe)
    {
        project.WriteRecipe(recipe);
        Assert.True(project.Build(project.Request with { Harness = null }), string.Join("; ", project.Diagnostics));
        return ArtifactManifest.Load(Path.Combine(project.Request.ArtifactFolder, ArtifactManifest.FileName));
    }

    /// <summary>The labels are the dense parent's own answers.</summary>
    private static void AssertAnswers(TinyProject project)
    {
        using var model = EdgeModel.Load(project.Request.ArtifactFolder);
        var labels = File.ReadAllBytes(Path.Combine(project.Folder, "common.u8"));
        var inputs = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(project.Folder, "common.f32"))).ToArray();
        var logits = model.Run(inputs, [labels.Length, TinyProject.Inputs]);
        var right = labels.Where((label, index) => logits.AsSpan(index * TinyProject.Classes, TinyProject.Classes).ToArray() is var row && Array.IndexOf(row, row.Max()) == label).Count();
        Assert.InRange(right / (double)labels.Length, 0.9, 1);
    }
}
