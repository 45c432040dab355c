using PruneBuild.Compression.Structured;
using PruneBuild.Compression.Training;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Dimensions;

namespace PruneBuild.Compression.Tests.Structured;

public sealed class TaylorImportanceTests
{
    [Fact]
    public void Every_layout_of_a_gradient_is_turned_as_its_weight_is()
    {
        using var model = Classifier();
        Assert.All(WeightSites.Find(model), site => Assert.Equal(site.ReadMatrix(model), site.Orient(model.Weights[site.StoredName].ReadSingles())));
    }

    [Fact]
    public void A_channel_is_worth_the_sums_over_what_makes_it_and_what_reads_it()
    {
        using var model = Classifier();
        var gradients = Gradients(model);
        var units = Units(model, gradients);
        var scores = Orders().ToDictionary(order => order, order => new TaylorImportance(order).Score(units)!);
        for (var channel = 0; channel < 8; channel++)
        {
            // Kernels are [8, 2, 3, 3] and [6, 8, 3, 3] in the file.
            var places = Enumerable.Range(channel * 18, 18).Select(index => ("a", index))
                .Concat(Enumerable.Range(0, 6 * 9).Select(index => ("b", (index / 9 * 72) + (channel * 9) + (index % 9))));
            double Sum(Func<double, double, double, double> term) => places.Sum(place => term(
                model.Weights[place.Item1].ReadSingles()[place.Item2], gradients.For(place.Item1)!.Mean[place.Item2], gradients.For(place.Item1)!.MeanSquare[place.Item2]));
            Assert.Equal(1, scores[TaylorOrder.First][channel] / Sum((w, g, _) => Math.Abs(w * g)), 1e-5);
            Assert.Equal(1, scores[TaylorOrder.Second][channel] / Sum((w, _, f) => w * w * f), 1e-5);
            Assert.Equal(1, scores[TaylorOrder.Mixed][channel] / Sum((w, g, f) => Math.Abs((w * g) - (w * w * f / 2))), 1e-5);
        }
    }

    [Fact]
    public void Without_gradients_it_is_a_coded_error()
    {
        using var model = Classifier();
        Assert.All(Orders(), order => Assert.Equal("PB3003", Assert.Throws<PruneBuildException>(
            () => StructuredPruner.Prune(model, new StructuredOptions { Criterion = new TaylorImportance(order) })).Code));
        Assert.Null(new TaylorImportance(TaylorOrder.First).Score(Units(model, null)));
    }

    private static TaylorOrder[] Orders() => Enum.GetValues<TaylorOrder>();

    private static CoupledUnits Units(OnnxModel model, WeightGradients? gradients) =>
        CoupledUnits.Of(model, DimensionClosure.Analyze(model).Single(found => found.Size == 8), WeightSites.Find(model), null, gradients);

    private static WeightGradients Gradients(OnnxModel model) => GradientCollector.Collect(
        model, WeightSites.Find(model), [TestModels.Batch("x", TestModels.Random(8, 5 * 72, 2), 5, 2, 6, 6)], 2, CancellationToken.None);

    private static OnnxModel Classifier() => TestModels.Model(
        [
            TestModels.Node("Conv", ["x", "a"], "c", ("pads", new long[] { 1, 1, 1, 1 })), TestModels.Node("Relu", ["c"], "r"),
            TestModels.Node("Conv", ["r", "b"], "d"), TestModels.Node("GlobalAveragePool", ["d"], "p"), TestModels.Node("Flatten", ["p"], "f"),
            TestModels.Node("Gemm", ["f", "g"], "h"), TestModels.Node("Gemm", ["h", "k"], "y", ("transB", 1L)),
        ],
        [("x", [-1, 2, 6, 6])], ["y"],
        [
            ("a", [8, 2, 3, 3], TestModels.Random(1, 144)), ("b", [6, 8, 3, 3], TestModels.Random(2, 432)), ("g", [6, 5], TestModels.Random(3, 30)),
            ("k", [3, 5], TestModels.Random(4, 15)),
        ]);
}
