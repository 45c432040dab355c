using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Recovery;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Recovery;

public sealed class BatchNormReestimationTests
{
    [Fact]
    public void Statistics_become_the_average_of_those_of_the_batches()
    {
        // The first layer sees the input itself; the second sees the first one normalized by its batch.
        using var model = TestModels.Model(
            [
                TestModels.Node("BatchNormalization", ["x", "s", "b", "m", "v"], "h"),
                TestModels.Node("BatchNormalization", ["h", "s", "b", "m2", "v2"], "y"),
            ],
            [("x", [-1, 2, 3])], ["y"],
            [("s", [2], [2f, 1]), ("b", [2], [0.5f, -1]), ("m", [2], [9f, 9]), ("v", [2], [9f, 9]), ("m2", [2], [9f, 9]), ("v2", [2], [9f, 9])]);
        float[][] data = [TestModels.Random(1, 4 * 6), TestModels.Random(2, 6 * 6, 3)];
        var layers = BatchNormReestimation.Apply(model, data.Select(values => TestModels.Batch("x", values, values.Length / 6, 2, 3)));

        Assert.Equal(2, layers);
        for (var channel = 0; channel < 2; channel++)
        {
            var batches = data.Select(values => values.Where((_, index) => index / 3 % 2 == channel).Select(value => (double)value).ToArray()).ToArray();
            Assert.Equal(batches.Average(batch => batch.Average()), model.Weights["m"].ReadSingles()[channel], 1e-5);
            Assert.Equal(batches.Average(Unbiased), model.Weights["v"].ReadSingles()[channel], 1e-4);
            double[] scale = [2, 1], shift = [0.5, -1];
            Assert.Equal(shift[channel], model.Weights["m2"].ReadSingles()[channel], 1e-5);
            var normalized = batches.Average(batch =>
                Unbiased(batch) * scale[channel] * scale[channel] / ((Unbiased(batch) * (batch.Length - 1) / batch.Length) + 1e-5));
            Assert.Equal(normalized, model.Weights["v2"].ReadSingles()[channel], 1e-4);
        }
    }

    [Fact]
    public void A_model_without_batch_normalization_or_without_data_stays_as_it_is()
    {
        using var plain = TestModels.Model([TestModels.Node("Relu", ["x"], "y")], [("x", [1])], ["y"], []);
        Assert.Equal(0, BatchNormReestimation.Apply(plain, []));
        using var model = TestModels.Model(
            [TestModels.Node("BatchNormalization", ["x", "s", "s", "s", "s"], "y")], [("x", [-1, 1])], ["y"], [("s", [1], [3f])]);
        Assert.Equal(0, BatchNormReestimation.Apply(model, []));
        Assert.Equal(3f, model.Weights["s"].ReadSingles()[0]);
    }

    private static double Unbiased(double[] values)
    {
        var mean = values.Average();
        return values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1);
    }
}
