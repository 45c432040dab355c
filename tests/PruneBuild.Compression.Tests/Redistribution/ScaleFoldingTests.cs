using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Redistribution;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Scales;

namespace PruneBuild.Compression.Tests.Redistribution;

public sealed class ScaleFoldingTests
{
    private const int Features = 12;
    private const int Hidden = 8;

    [Theory]
    [InlineData("scale-folding", "Relu")]
    [InlineData("activation-folding", "Relu")]
    [InlineData("equalization", "Relu")]
    [InlineData("equalization", "LeakyRelu")]
    [InlineData("equalization", "PRelu")]
    public void Positively_homogeneous_activations_pass_a_scale_on(string name, string activation)
    {
        using var model = Mlp(activation);
        var (rows, before) = Output(model);
        var result = Redistributions.Get(name).Apply(model, Statistics(model));
        Assert.Single(result.Groups, group => group.Reason is null);
        Assert.All(before.Zip(TestModels.Run(model, "x", rows, [30, Features], "y")), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        using var intact = Mlp(activation);
        Assert.NotEqual(intact.Weights["w1"].ReadSingles(), model.Weights["w1"].ReadSingles());
    }

    [Theory]
    [InlineData("Sigmoid")]
    [InlineData("Erf")]
    [InlineData("HardSwish")]
    [InlineData("Softplus")]
    public void Other_activations_pin_it(string activation)
    {
        using var model = Mlp(activation);
        var weights = model.Weights.Values.Select(weight => weight.ReadSingles()).ToList();
        var groups = Redistributions.Get("equalization").Apply(model, null).Groups;
        Assert.All(groups, group => Assert.NotNull(group.Reason));
        Assert.Contains(groups, group => group.Reason!.Contains(activation, StringComparison.Ordinal));
        Assert.Equal(weights, model.Weights.Values.Select(weight => weight.ReadSingles()));
    }

    [Fact]
    public void Equalized_ranges_are_equal()
    {
        using var model = Mlp("Relu");
        Redistributions.Get("equalization").Apply(model, null);
        var sites = WeightSites.Find(model);
        var (first, second) = (sites[0].ReadMatrix(model), sites[1].ReadMatrix(model));
        var ratios = Enumerable.Range(0, Hidden).Select(neuron =>
            first.Skip(neuron * Features).Take(Features).Max(Math.Abs) / Enumerable.Range(0, second.Length / Hidden).Max(output => Math.Abs(second[(output * Hidden) + neuron]))).ToList();
        Assert.All(ratios, ratio => Assert.Equal(ratios[0], ratio, 1e-4 * ratios[0]));
    }

    [Fact]
    public void Magnitude_with_folded_activation_norms_is_Wanda()
    {
        bool[] Mask(bool fold, IPruningCriterion criterion)
        {
            using var model = Mlp("Relu");
            var statistics = Statistics(model);
            if (fold)
                statistics = Redistributions.Get("activation-folding").Apply(model, statistics).Statistics!;
            ModelPruner.Prune(model, new PruneOptions { Criterion = criterion, Skip = ["a*"] }, statistics);
            return [.. WeightSites.Find(model)[1].ReadMatrix(model).Select(weight => weight == 0)];
        }
        Assert.Equal(Mask(false, new Wanda()), Mask(true, new Magnitude()));
        Assert.NotEqual(Mask(false, new Magnitude()), Mask(true, new Magnitude()));
    }

    [Fact]
    public void What_reads_a_channel_has_unit_norm_afterwards()
    {
        using var model = Mlp("Relu");
        Redistributions.Get("scale-folding").Apply(model, null);
        var second = WeightSites.Find(model)[1].ReadMatrix(model);
        var norms = Enumerable.Range(0, Hidden).Select(neuron => Enumerable.Range(0, second.Length / Hidden).Sum(output => second[(output * Hidden) + neuron] * (double)second[(output * Hidden) + neuron])).ToList();
        Assert.All(norms, norm => Assert.Equal(norms[0], norm, 1e-4 * norms[0]));
    }

    [Fact]
    public void Of_a_gated_product_the_ungated_factor_takes_the_scale()
    {
        using var model = TestModels.Model(
            [
                TestModels.Node("MatMul", ["x", "wg"], "g"), TestModels.Node("Sigmoid", ["g"], "s"), TestModels.Node("Mul", ["g", "s"], "silu"),
                TestModels.Node("MatMul", ["x", "wu"], "u"), TestModels.Node("Mul", ["silu", "u"], "h"), TestModels.Node("MatMul", ["h", "wd"], "y"),
            ],
            [("x", [-1, Features])], ["y"],
            [
                ("wg", [Features, Hidden], TestModels.Random(1, Features * Hidden)), ("wu", [Features, Hidden], TestModels.Random(2, Features * Hidden)),
                ("wd", [Hidden, Features], TestModels.Random(3, Features * Hidden)),
            ]);
        var gate = model.Weights["wg"].ReadSingles();
        var (rows, before) = Output(model);
        Assert.Single(Redistributions.Get("equalization").Apply(model, null).Groups, group => group.Reason is null);
        Assert.Equal(gate, model.Weights["wg"].ReadSingles());
        Assert.All(before.Zip(TestModels.Run(model, "x", rows, [30, Features], "y")), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void A_residual_stream_has_one_scale_and_depthwise_convolutions_one_on_either_side()
    {
        using var model = TestModels.Model(
            [
                TestModels.Node("Conv", ["x", "w0"], "c0"), TestModels.Node("Relu", ["c0"], "r0"),
                TestModels.Node("Conv", ["r0", "wd", "bd"], "d", ("group", 4L), ("pads", new long[] { 1, 1, 1, 1 })), TestModels.Node("Relu", ["d"], "rd"),
                TestModels.Node("Conv", ["rd", "w1"], "c1"), TestModels.Node("Add", ["r0", "c1"], "sum"), TestModels.Node("AveragePool", ["sum"], "p", ("kernel_shape", new long[] { 2, 2 })),
                TestModels.Node("Conv", ["p", "w2"], "y"),
            ],
            [("x", [-1, 3, 6, 6])], ["y"],
            [
                ("w0", [4, 3, 1, 1], TestModels.Random(1, 12)), ("wd", [4, 1, 3, 3], TestModels.Random(2, 36)), ("bd", [4], TestModels.Random(3, 4)),
                ("w1", [4, 4, 1, 1], TestModels.Random(4, 16)), ("w2", [2, 4, 1, 1], TestModels.Random(5, 8)),
            ]);
        var image = TestModels.Random(9, 2 * 3 * 36);
        var before = TestModels.Run(model, "x", image, [2, 3, 6, 6], "y");
        var groups = ScaleClosure.Analyze(model).Where(group => group.Reason is null).ToList();
        Assert.Equal([2, 1], groups.Select(group => group.Consumers.Count));
        groups[0].Apply(model, [2, 3, 0.5, 7]);
        groups[1].Apply(model, [5, 0.25, 3, 1]);
        var after = TestModels.Run(model, "x", image, [2, 3, 6, 6], "y");
        Assert.All(before.Zip(after), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void A_shared_or_returned_tensor_pins_its_group()
    {
        using var tied = TestModels.Model(
            [TestModels.Node("MatMul", ["x", "w"], "a"), TestModels.Node("Relu", ["a"], "r"), TestModels.Node("MatMul", ["r", "w"], "y")],
            [("x", [-1, Hidden])], ["y"], [("w", [Hidden, Hidden], TestModels.Random(1, Hidden * Hidden))]);
        Assert.Contains(ScaleClosure.Analyze(tied), group => group.Reason!.Contains("other uses", StringComparison.Ordinal));
        Assert.All(ScaleClosure.Analyze(tied), group => Assert.NotNull(group.Reason));
        using var returned = Mlp("Relu", outputs: ["y", "r"]);
        Assert.All(ScaleClosure.Analyze(returned), group => Assert.Contains("output of the model", group.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Batch_normalization_gives_its_gain_to_the_rows_before_it()
    {
        using var model = TestModels.Model(
            [
                TestModels.Node("Conv", ["x", "w0"], "c"), TestModels.Node("BatchNormalization", ["c", "gamma", "beta", "mean", "variance"], "b"),
                TestModels.Node("Relu", ["b"], "r"), TestModels.Node("Conv", ["r", "w1"], "y"),
            ],
            [("x", [-1, 2, 3, 3])], ["y"],
            [
                ("w0", [4, 2, 1, 1], TestModels.Random(1, 8)), ("w1", [2, 4, 1, 1], TestModels.Random(2, 8)), ("gamma", [4], [1, -2, 3, 0]), ("beta", [4], [0.1f, 0.2f, -0.1f, 0.3f]),
                ("mean", [4], [0.5f, -0.5f, 0.1f, 0]), ("variance", [4], [0.5f, 1, 2, 4]),
            ]);
        var image = TestModels.Random(9, 18);
        var before = TestModels.Run(model, "x", image, [1, 2, 3, 3], "y");
        Redistributions.Get("scale-folding").Apply(model, null);
        Assert.All(before.Zip(TestModels.Run(model, "x", image, [1, 2, 3, 3], "y")), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        var gains = model.Weights["gamma"].ReadSingles().Zip(model.Weights["variance"].ReadSingles(), (scale, variance) => Math.Abs(scale) / Math.Sqrt(variance + 1e-5)).ToList();
        Assert.All(gains.Take(3), gain => Assert.Equal(1, gain, 1e-4));
        Assert.Equal(0, gains[3]);
    }

    [Fact]
    public void The_weights_are_the_same_on_every_run()
    {
        float[][] Weights()
        {
            using var model = Mlp("Relu");
            Redistributions.Get("activation-folding").Apply(model, Statistics(model));
            return [.. model.Weights.Values.Select(weight => weight.ReadSingles())];
        }
        Assert.Equal(Weights(), Weights());
    }

    private static (float[] Rows, float[] Before) Output(OnnxModel model)
    {
        var rows = TestModels.Correlated(5, 30, Features);
        return (rows, TestModels.Run(model, "x", rows, [30, Features], "y"));
    }

    private static CalibrationStatistics Statistics(OnnxModel model) => TestModels.Calibrate(
        model, TestModels.Batch("x", TestModels.Correlated(2, 60, Features), 60, Features), TestModels.Batch("x", TestModels.Correlated(3, 60, Features), 60, Features));

    private static OnnxModel Mlp(string activation, string[]? outputs = null)
    {
        string[] inputs = activation == "PRelu" ? ["b", "slope"] : ["b"];
        return TestModels.Model(
            [
                TestModels.Node("MatMul", ["x", "w1"], "a"), TestModels.Node("Add", ["a", "b1"], "b"), TestModels.Node(activation, inputs, "r"),
                TestModels.Node("MatMul", ["r", "w2"], "y"),
            ],
            [("x", [-1, Features])], outputs ?? ["y"],
            [
                ("w1", [Features, Hidden], [.. TestModels.Random(1, Features * Hidden).Select((weight, index) => weight * (1 + (index % Hidden)))]), ("b1", [Hidden], TestModels.Random(2, Hidden)),
                ("w2", [Hidden, 6], TestModels.Random(3, Hidden * 6)), ("slope", [Hidden], TestModels.Random(4, Hidden)),
            ], opset: 14);
    }
}
