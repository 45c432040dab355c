using PruneBuild.Compression.Calibration;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Tests.Calibration;

public sealed class CalibratorTests
{
    private static readonly float[] First = TestModels.Random(1, 6 * 4);
    private static readonly float[] Second = TestModels.Random(2, 4 * 3);

    private static OnnxModel TwoLayers() => TestModels.Model(
        [TestModels.Node("MatMul", ["x", "a"], "h"), TestModels.Node("Relu", ["h"], "r"), TestModels.Node("MatMul", ["r", "b"], "y")],
        [("x", [-1, 6])], ["y"], [("a", [6, 4], First), ("b", [4, 3], Second)]);

    [Fact]
    public void Statistics_are_those_of_the_activations_split_by_batch()
    {
        using var model = TwoLayers();
        var (even, odd) = (TestModels.Random(3, 5 * 6), TestModels.Random(4, 7 * 6));
        var statistics = TestModels.Calibrate(model, TestModels.Batch("x", even, 5, 6), TestModels.Batch("x", odd, 7, 6));
        var second = statistics.For(WeightSites.Find(model)[1]);
        Assert.Null(second.Reason);
        Assert.Equal((5, 7), (second.Fit[0].Count, second.HoldOut[0].Count));
        var rectified = TestModels.Run(Relu(model), "x", odd, [7, 6], "r");
        for (var feature = 0; feature < 4; feature++)
            Assert.Equal(Enumerable.Range(0, 7).Sum(row => (double)rectified[row * 4 + feature]), second.HoldOut[0].Sum[feature], 1e-5);
        Assert.Equal(even.Where((_, index) => index % 6 == 0).Sum(value => (double)value), statistics.For(WeightSites.Find(model)[0]).Fit[0].Sum[0], 1e-6);
    }

    private static OnnxModel Relu(OnnxModel model)
    {
        var copy = TwoLayers();
        copy.Graph.Output.Add(new ValueInfoProto { Name = "r" });
        return copy;
    }

    [Fact]
    public void The_model_is_unchanged_afterwards()
    {
        using var model = TwoLayers();
        var before = model.Proto.Clone();
        TestModels.Calibrate(model, TestModels.Batch("x", new float[6], 1, 6));
        Assert.Equal(before, model.Proto);
    }

    [Fact]
    public void Layers_that_read_the_same_tensor_share_statistics()
    {
        using var model = TestModels.Model(
            [TestModels.Node("Relu", ["x"], "r"), TestModels.Node("MatMul", ["r", "a"], "p"), TestModels.Node("MatMul", ["r", "b"], "q")],
            [("x", [-1, 4])], ["p", "q"], [("a", [4, 6], First), ("b", [4, 3], Second)]);
        var statistics = TestModels.Calibrate(model, TestModels.Batch("x", new float[8], 2, 4));
        var sites = WeightSites.Find(model);
        Assert.Same(statistics.For(sites[0]), statistics.For(sites[1]));
    }

    [Fact]
    public void Grouped_convolutions_have_one_accumulator_a_group()
    {
        using var model = TestModels.Model(
            [TestModels.Node("Conv", ["x", "w"], "y", ("group", 2L))], [("x", [-1, 4, 3, 3])], ["y"], [("w", [4, 2, 1, 1], First[..8])]);
        var data = TestModels.Random(5, 36);
        var site = TestModels.Calibrate(model, TestModels.Batch("x", data, 1, 4, 3, 3)).For(WeightSites.Find(model)[0]);
        Assert.Equal(2, site.Fit.Count);
        Assert.Equal(9, site.Fit[1].Count);
        Assert.Equal(data[18..27].Sum(value => (double)value), site.Fit[1].Sum[0], 1e-6);
    }

    [Fact]
    public void The_features_of_a_convolution_are_the_columns_of_its_matrix()
    {
        // The kernel covers the image, so each output of ONNX Runtime is the product of a matrix row and the one row of features.
        using var model = TestModels.Model(
            [TestModels.Node("Conv", ["x", "w"], "y", ("group", 2L))], [("x", [-1, 4, 2, 3])], ["y"], [("w", [6, 2, 2, 3], TestModels.Random(6, 72))]);
        var data = TestModels.Random(5, 24);
        var site = WeightSites.Find(model)[0];
        var statistics = TestModels.Calibrate(model, TestModels.Batch("x", data, 1, 4, 2, 3)).For(site);
        var matrix = site.ReadMatrix(model);
        var outputs = TestModels.Run(model, "x", data, [1, 4, 2, 3], "y");
        for (var output = 0; output < 6; output++)
            Assert.Equal(outputs[output], Enumerable.Range(0, 12).Sum(input => matrix[output * 12 + input] * statistics.Fit[output / 3].Sum[input]), 1e-5);
        // Channel 3 of the second group at row 1, column 2 of the image.
        Assert.Equal(data[23] * (double)data[18], statistics.Fit[1].Gram(11, 1), 1e-6);
    }

    [Fact]
    public void A_constant_input_and_no_data_are_recorded_as_reasons()
    {
        using var model = TestModels.Model(
            [TestModels.Node("MatMul", ["c", "a"], "p"), TestModels.Node("MatMul", ["x", "a"], "q")],
            [("x", [-1, 6])], ["p", "q"], [("a", [6, 4], First), ("c", [1, 6], First[..6])]);
        var sites = WeightSites.Find(model);
        var statistics = TestModels.Calibrate(model);
        Assert.Equal("the input is a constant", statistics.For(sites[0]).Reason);
        Assert.Contains("no calibration case", statistics.For(sites[1]).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_activation_that_is_not_finite_is_recorded_as_a_reason()
    {
        using var model = TwoLayers();
        var statistics = TestModels.Calibrate(model, TestModels.Batch("x", [1, 2, float.NaN, 4, 5, 6], 1, 6));
        Assert.Contains("not finite", statistics.For(WeightSites.Find(model)[0]).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_input_a_wrong_shape_and_a_wrong_size_are_coded_errors()
    {
        using var model = TwoLayers();
        foreach (var batch in new[] { TestModels.Batch("other", new float[6], 1, 6), TestModels.Batch("x", new float[5], 1, 5), TestModels.Batch("x", new float[5], 1, 6) })
            Assert.Equal("PB3004", Assert.Throws<PruneBuildException>(() => TestModels.Calibrate(model, batch)).Code);
    }

    [Fact]
    public void A_model_that_ONNX_Runtime_rejects_is_a_coded_error()
    {
        using var model = TwoLayers();
        model.Graph.Node[1].OpType = "NoSuchOperator";
        Assert.Equal("PB2012", Assert.Throws<PruneBuildException>(() => TestModels.Calibrate(model, TestModels.Batch("x", new float[6], 1, 6))).Code);
    }

    [Fact]
    public void Statistics_that_are_saved_load_the_same_and_shared_ones_stay_shared()
    {
        using var model = TwoLayers();
        var statistics = TestModels.Calibrate(model, TestModels.Batch("x", TestModels.Random(1, 12), 2, 6));
        using var stream = new MemoryStream();
        statistics.Save(stream);
        stream.Position = 0;
        var loaded = CalibrationStatistics.Load(stream);
        foreach (var site in WeightSites.Find(model))
            Assert.Equal(statistics.For(site).Fit[0].UpperGram.ToArray(), loaded.For(site).Fit[0].UpperGram.ToArray());
        for (var length = 0; length < stream.Length; length += 7)
            Assert.Throws<InvalidDataException>(() => CalibrationStatistics.Load(new MemoryStream(stream.ToArray()[..length])));
    }
}
