using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Training;
using PruneBuild.Graph;
using PruneBuild.Tests;

namespace PruneBuild.Compression.Tests.Training;

/// <summary>Whole models compute what ONNX Runtime computes.</summary>
public sealed class SharedModelTests
{
    private static string Shared(string path) => Path.Combine(OnnxRuntimeNative.SharedFolder, "models", path);

    [Theory]
    [InlineData("cifar-resnet/resnet20.onnx")]
    [InlineData("cifar-resnet/resnet56.onnx")]
    public void An_image_classifier_agrees(string path) =>
        AssertAgrees(Shared(path), model => TestModels.Batch(model.Graph.Input[0].Name, TestModels.Random(3, 5 * 3 * 32 * 32, 2), 5, 3, 32, 32));

    [Fact]
    public void The_meter_reader_agrees() => AssertAgrees(
        Path.Combine(OnnxRuntimeNative.RepositoryRoot, "samples", "MeterReader", "models", "meter-digits.onnx"),
        model => TestModels.Batch(model.Graph.Input[0].Name, TestModels.Random(3, 7 * 32 * 24), 7, 1, 32, 24));

    [Fact]
    public void A_language_model_agrees() => AssertAgrees(Shared("stories260K/model.onnx"), model =>
    {
        var random = new Random(1);
        return Tokens(model, Enumerable.Range(0, 3 * 40).Select(_ => (long)random.Next(3, 512)).ToArray(), 3, 40);
    });

    [Fact]
    public void A_file_type_detector_agrees() => AssertAgrees(Shared("magika/model.onnx"), model =>
    {
        var random = new Random(1);
        return Tokens(model, Enumerable.Range(0, 2 * 2048).Select(_ => random.Next(0, 257)).ToArray(), 2, 2048);
    });

    private static CalibrationBatch Tokens(OnnxModel model, Array tokens, params long[] shape) =>
        new(new Dictionary<string, CalibrationTensor> { [model.Graph.Input[0].Name] = new(tokens, shape) });

    private static void AssertAgrees(string path, Func<OnnxModel, CalibrationBatch> batch)
    {
        Assert.SkipUnless(File.Exists(path), "the model is not on this machine");
        using var model = OnnxModel.Load(path);
        OnnxRuntimeOracle.AssertAgrees(model, batch(model));
    }
}
