using PruneBuild.Compression.Quantization;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Quantization;

/// <summary>Mean outputs on the calibration data once weights alone were rounded.</summary>
public sealed class BiasCorrectionTests
{
    private const int Inputs = 64;
    private const int Outputs = 8;
    private const int Rows = 400;

    // Inputs with means, so that rounding shifts every output.
    private static readonly float[] X = [.. TestModels.Correlated(2, Rows, Inputs).Select(value => value + 0.5f)];

    // Large weights make the levels of all others coarse.
    private static readonly float[] W = [.. TestModels.Random(1, Inputs * Outputs).Select((value, index) => index % 40 == 0 ? 20 * value : value)];

    [Theory]
    [InlineData("rtn", 4, true)]
    [InlineData("rtn", 4, false)]
    [InlineData("gptq", 4, true)]
    [InlineData("awq-gptq", 4, true)]
    [InlineData("gptq", 8, false)]
    public void Groups_give_the_mean_back(string method, int bits, bool hasBias)
    {
        double[] Shift(bool isCorrected)
        {
            using var model = Gemm(hasBias);
            var options = new GroupQuantizeOptions
            {
                Format = new GroupFormat(bits, 32, IsSymmetric: true), Method = GroupQuantizers.Get(method), AccuracyLevel = 0, BiasCorrection = isCorrected,
            };
            var statistics = TestModels.Calibrate(model, TestModels.Batch("x", X, Rows, Inputs));
            Assert.Null(Assert.Single(GroupModelQuantizer.Quantize(model, options, statistics)).Reason);
            return MeanShift(Gemm(hasBias), model);
        }
        if (bits == 4)
            Assert.True(Shift(false).Average() > 1e-3);
        Assert.All(Shift(true), shift => Assert.Equal(0, shift, 1e-4));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_scale_an_output_gives_the_mean_back(bool compensates)
    {
        double[] Shift(bool isCorrected)
        {
            using var model = Gemm(hasBias: true);
            var statistics = TestModels.Calibrate(model, TestModels.Batch("x", X, Rows, Inputs));
            ModelQuantizer.Quantize(model, new QuantizeOptions { Bits = 7, Statistics = compensates ? statistics : null, BiasStatistics = isCorrected ? statistics : null });
            return MeanShift(Gemm(hasBias: true), model);
        }
        Assert.True(Shift(false).Average() > 1e-3);
        Assert.All(Shift(true), shift => Assert.Equal(0, shift, 1e-4));
    }

    [Fact]
    public void Channel_groups_of_a_convolution_give_their_means_back()
    {
        float[] weights = [.. TestModels.Random(1, 4 * 2 * 9).Select((value, index) => index % 18 == 0 ? 30 : value)];
        float[] images = [.. TestModels.Random(2, 6 * 4 * 6 * 6).Select(value => value + 1)];
        OnnxModel Model() => TestModels.Model(
            [TestModels.Node("Conv", ["x", "w"], "y", ("pads", new long[] { 1, 1, 1, 1 }), ("group", 2L))], [("x", [-1, 4, 6, 6])], ["y"], [("w", [4, 2, 3, 3], weights)]);
        using var dense = Model();
        using var model = Model();
        ModelQuantizer.Quantize(model, new QuantizeOptions { BiasStatistics = TestModels.Calibrate(model, TestModels.Batch("x", images, 6, 4, 6, 6)) });
        var (left, right) = (TestModels.Run(dense, "x", images, [6, 4, 6, 6], "y"), TestModels.Run(model, "x", images, [6, 4, 6, 6], "y"));
        Assert.NotEqual(left, right);
        for (var channel = 0; channel < 4; channel++)
            Assert.Equal(0, Enumerable.Range(0, left.Length).Where(index => index / 36 % 4 == channel).Average(index => (double)left[index] - right[index]), 1e-4);
    }

    [Fact]
    public void A_layer_that_shares_a_weight_and_reads_something_else_says_that_its_bias_stays()
    {
        using var model = TestModels.Model(
            [TestModels.Node("MatMul", ["x", "w"], "a"), TestModels.Node("Relu", ["a"], "r"), TestModels.Node("MatMul", ["r", "w"], "y")],
            [("x", [-1, 32])], ["y"], [("w", [32, 32], TestModels.Random(1, 32 * 32))]);
        var statistics = TestModels.Calibrate(model, TestModels.Batch("x", TestModels.Correlated(2, Rows, 32), Rows, 32));
        var reports = GroupModelQuantizer.Quantize(model, new GroupQuantizeOptions { BiasCorrection = true }, statistics);
        Assert.Null(reports[0].Reason);
        Assert.Contains("the bias is not corrected", reports[1].Reason, StringComparison.Ordinal);
    }

    private static OnnxModel Gemm(bool hasBias) => TestModels.Model(
        [TestModels.Node("Gemm", hasBias ? ["x", "w", "b"] : ["x", "w"], "y")], [("x", [-1, Inputs])], ["y"],
        [("w", [Inputs, Outputs], W), ("b", [Outputs], TestModels.Random(3, Outputs))]);

    private static double[] MeanShift(OnnxModel dense, OnnxModel quantized)
    {
        var (left, right) = (TestModels.Run(dense, "x", X, [Rows, Inputs], "y"), TestModels.Run(quantized, "x", X, [Rows, Inputs], "y"));
        dense.Dispose();
        return [.. Enumerable.Range(0, Outputs).Select(output => Math.Abs(Enumerable.Range(0, Rows).Average(row => (double)left[(row * Outputs) + output] - right[(row * Outputs) + output])))];
    }
}
