using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Redistribution;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Tests.Redistribution;

public sealed class RotationTests
{
    private const int Features = 12;

    [Theory]
    [InlineData("rotation", "Div")]
    [InlineData("hadamard", "Div")]
    [InlineData("hadamard", "Reciprocal")]
    public void A_stream_with_root_mean_square_normalization_is_rotated(string name, string form)
    {
        using var model = Stream(form);
        var rows = TestModels.Correlated(5, 30, Features);
        var before = TestModels.Run(model, "x", rows, [30, Features], "y");
        var weights = model.Weights["out"].ReadSingles();
        var result = Redistributions.Get(name).Apply(model, Statistics(model));
        Assert.Null(Assert.Single(result.Groups).Reason);
        Assert.All(before.Zip(TestModels.Run(model, "x", rows, [30, Features], "y")), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.All(model.Weights["gamma"].ReadSingles(), scale => Assert.Equal(1, scale));
        Assert.NotEqual(weights, model.Weights["out"].ReadSingles());
    }

    [Fact]
    public void Principal_components_come_first_and_do_not_depend_on_each_other()
    {
        using var model = Stream("Div");
        Redistributions.Get("rotation").Apply(model, Statistics(model));
        var known = Statistics(model).For(WeightSites.Find(model).Single(site => site.WeightName == "w1"));
        var moment = known.Fit[0];
        moment.Merge(known.HoldOut[0]);
        for (var row = 0; row < Features; row++)
        {
            Assert.True(row == 0 || moment.Gram(row, row) <= moment.Gram(row - 1, row - 1) * 1.001);
            for (var column = 0; column < row; column++)
                Assert.Equal(0, moment.Gram(row, column) / moment.Count, 1e-3);
        }
    }

    [Theory]
    [InlineData("Gelu", "Gelu")]
    [InlineData("tied", "other uses")]
    [InlineData("LayerNormalization", "LayerNormalization")]
    [InlineData("zero", "zero")]
    public void What_is_not_exact_is_refused(string form, string because)
    {
        using var model = Stream(form);
        var weights = model.Weights.Values.Select(weight => weight.ReadSingles()).ToList();
        var result = Redistributions.Get("hadamard").Apply(model, null);
        Assert.Contains(because, Assert.Single(result.Groups).Reason, StringComparison.Ordinal);
        Assert.Equal(weights, model.Weights.Values.Select(weight => weight.ReadSingles()));
    }

    [Fact]
    public void Rotations_are_the_same_on_every_run()
    {
        float[] Weights(string name)
        {
            using var model = Stream("Div");
            Redistributions.Get(name).Apply(model, Statistics(model));
            return model.Weights["w1"].ReadSingles();
        }
        Assert.Equal(Weights("rotation"), Weights("rotation"));
        Assert.Equal(Weights("hadamard"), Weights("hadamard"));
        Assert.NotEqual(Weights("rotation"), Weights("hadamard"));
    }

    private static CalibrationStatistics Statistics(OnnxModel model) => TestModels.Calibrate(
        model, TestModels.Batch("x", TestModels.Correlated(2, 60, Features), 60, Features), TestModels.Batch("x", TestModels.Correlated(3, 60, Features), 60, Features));

    /// <summary>s = x W + b; y = (s + relu(norm(s) w1) w2) out, and the ways it can be spoiled.</summary>
    private static OnnxModel Stream(string form)
    {
        var nodes = new List<NodeProto> { TestModels.Node("MatMul", ["x", "in"], "e"), TestModels.Node("Add", ["e", "bias"], "s") };
        if (form == "LayerNormalization")
        {
            nodes.Add(TestModels.Node("LayerNormalization", ["s", "gamma"], "n"));
        }
        else
        {
            nodes.AddRange([
                TestModels.Node("Mul", ["s", "s"], "sq"), TestModels.Node("ReduceMean", ["sq"], "ms", ("axes", new long[] { -1 })),
                TestModels.Node("Add", ["ms", "eps"], "me"), TestModels.Node("Sqrt", ["me"], "rt"),
            ]);
            nodes.AddRange(form == "Reciprocal"
                ? [TestModels.Node("Reciprocal", ["rt"], "inverse"), TestModels.Node("Mul", ["inverse", "s"], "nx")]
                : [TestModels.Node("Div", ["s", "rt"], "nx")]);
            nodes.Add(TestModels.Node("Mul", ["nx", "gamma"], "n"));
        }
        var stream = "s";
        if (form == "Gelu")
        {
            nodes.Add(TestModels.Node("Gelu", ["s"], "g"));
            stream = "g";
        }
        nodes.AddRange([
            TestModels.Node("MatMul", ["n", "w1"], "h"), TestModels.Node("Relu", ["h"], "r"), TestModels.Node("MatMul", ["r", "w2"], "d"),
            TestModels.Node("Add", [stream, "d"], "sum"), TestModels.Node("MatMul", ["sum", form == "tied" ? "w1" : "out"], "y"),
        ]);
        var gamma = TestModels.Random(3, Features);
        if (form == "zero")
            gamma[2] = 0;
        return TestModels.Model(nodes, [("x", [-1, Features])], ["y"],
            [
                ("in", [Features, Features], TestModels.Random(1, Features * Features)), ("bias", [Features], TestModels.Random(2, Features)), ("gamma", [Features], gamma),
                ("w1", [Features, 8], TestModels.Random(4, Features * 8)), ("w2", [8, Features], TestModels.Random(5, Features * 8)),
                ("out", [Features, 6], TestModels.Random(6, Features * 6)), ("eps", [], [1e-5f]),
            ], opset: 17);
    }
}
