using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Calibration;

/// <summary>Models whose calibration is compared along different ways, and the comparison.</summary>
internal static class CalibrationModels
{
    /// <summary>Two layers that read one tensor, and sums that keep the input alive.</summary>
    public static OnnxModel Residual() => TestModels.Model(
        [
            TestModels.Node("MatMul", ["x", "a"], "p"), TestModels.Node("MatMul", ["x", "b"], "q"),
            TestModels.Node("Mul", ["p", "q"], "r"), TestModels.Node("Add", ["r", "x"], "s"),
            TestModels.Node("Gemm", ["s", "c"], "g", ("transB", 1L)), TestModels.Node("Relu", ["g"], "t"),
            TestModels.Node("Add", ["t", "x"], "u"), TestModels.Node("MatMul", ["u", "d"], "y"),
        ],
        [("x", [-1, 6])], ["y"],
        [("a", [6, 6], TestModels.Random(1, 36)), ("b", [6, 6], TestModels.Random(2, 36)), ("c", [6, 6], TestModels.Random(3, 36)), ("d", [6, 3], TestModels.Random(4, 18))]);

    public static OnnxModel Convolutions() => TestModels.Model(
        [
            TestModels.Node("Conv", ["x", "a"], "p", ("pads", new long[] { 1, 1, 1, 1 })), TestModels.Node("Relu", ["p"], "q"),
            TestModels.Node("Conv", ["q", "b"], "r", ("group", 2L), ("strides", new long[] { 2, 2 })), TestModels.Node("Add", ["r", "r"], "s"),
            TestModels.Node("Conv", ["s", "c"], "y"),
        ],
        [("x", [-1, 2, 7, 6])], ["y"],
        [("a", [4, 2, 3, 3], TestModels.Random(1, 72)), ("b", [4, 2, 2, 3], TestModels.Random(2, 48)), ("c", [2, 4, 1, 1], TestModels.Random(3, 8))]);

    public static CalibrationBatch[] Rows() =>
        [.. Enumerable.Range(0, 4).Select(seed => TestModels.Batch("x", TestModels.Correlated(seed, 5 + seed, 6), 5 + seed, 6))];

    public static CalibrationBatch[] Images() =>
        [.. Enumerable.Range(0, 3).Select(seed => TestModels.Batch("x", TestModels.Random(seed, 2 * 84), 2, 2, 7, 6))];

    public static TheoryData<string> Names => ["residual", "convolutions"];

    public static (OnnxModel Model, CalibrationBatch[] Batches) Make(string name) =>
        name == "residual" ? (Residual(), Rows()) : (Convolutions(), Images());

    public static void AssertEqual(InputStatistics expected, InputStatistics actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.Equal(expected.Sum.ToArray(), actual.Sum.ToArray());
        Assert.Equal(expected.UpperGram.ToArray(), actual.UpperGram.ToArray());
    }

    public static void AssertEqual(SiteStatistics expected, SiteStatistics actual)
    {
        Assert.Equal(expected.Reason, actual.Reason);
        Assert.Equal(expected.Fit.Count, actual.Fit.Count);
        foreach (var (one, other) in expected.Fit.Concat(expected.HoldOut).Zip(actual.Fit.Concat(actual.HoldOut)))
            AssertEqual(one, other);
    }
}
