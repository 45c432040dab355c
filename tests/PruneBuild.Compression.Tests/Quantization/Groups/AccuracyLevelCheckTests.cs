using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Quantization;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Quantization.Groups;

public sealed class AccuracyLevelCheckTests
{
    private const int Features = 64;

    [Fact]
    public void Even_activations_change_the_output_by_less_than_a_hundredth()
    {
        using var model = Quantized(level: 4);
        Assert.InRange(Measure(model, TestModels.Random(2, 20 * Features))!.Value, 1e-5, 0.01);
        // The model itself stays at level 4.
        Assert.Equal(4, model.Graph.Node[0].Attribute.Single(attribute => attribute.Name == "accuracy_level").I);
    }

    [Fact]
    public void A_large_channel_that_no_weight_reads_takes_the_levels_of_its_neighbours()
    {
        using var model = Quantized(level: 4, deaf: 5);
        var rows = TestModels.Random(2, 20 * Features).Select((value, index) => index % Features == 5 ? 400 : value).ToArray();
        Assert.InRange(Measure(model, rows)!.Value, AccuracyLevelCheck.Most, 10);
    }

    [Fact]
    public void Float_activations_and_missing_data_are_no_measurement()
    {
        using var exact = Quantized(level: 0);
        Assert.Null(Measure(exact, TestModels.Random(2, 20 * Features)));
        using var model = Quantized(level: 4);
        Assert.Null(AccuracyLevelCheck.Measure(model, "model.onnx", [], threads: 1));
    }

    private static OnnxModel Quantized(int level, int deaf = -1)
    {
        var model = TestModels.Model(
            [TestModels.Node("MatMul", ["x", "w"], "y")], [("x", [-1, Features])], ["y"],
            [("w", [Features, 16], [.. TestModels.Random(1, Features * 16).Select((value, index) => index / 16 == deaf ? 0 : value)])]);
        GroupModelQuantizer.Quantize(model, new GroupQuantizeOptions { AccuracyLevel = level });
        return model;
    }

    private static double? Measure(OnnxModel model, float[] rows) =>
        AccuracyLevelCheck.Measure(model, "model.onnx", [TestModels.Batch("x", rows, rows.Length / Features, Features)], threads: 1);
}
