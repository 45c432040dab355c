using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Structured;
using PruneBuild.Graph;
using PruneBuild.Graph.Dimensions;

namespace PruneBuild.Compression.Tests.Structured;

public sealed class RemovalCurveTests
{
    private const int Inputs = 10;
    private const int Neurons = 16;
    private const int Outputs = 5;

    [Theory]
    [InlineData(15)]
    [InlineData(9)]
    [InlineData(2)]
    public void The_curve_is_what_least_squares_would_leave(int kept)
    {
        using var model = TwoLayers();
        var reader = Reader(model, "w3", Statistics(model));
        int[] order = [.. Enumerable.Range(0, Neurons).OrderBy(unit => unit * 7 % Neurons)];
        var curve = RemovalCurve.Of(reader, order, 1e-9);

        var keep = new bool[reader.Matrix.Length];
        for (var index = 0; index < keep.Length; index++)
            keep[index] = Array.IndexOf(order, index % Neurons) < kept;
        var statistics = reader.Statistics!;
        var fitted = LeastSquaresRecovery.Fit(reader.Matrix, keep, statistics, ridge: 1e-9)!;
        var left = Variance(reader.Matrix.Zip(fitted, (dense, one) => dense - one).ToArray(), statistics.Covariance());
        Assert.Equal(left / Variance(reader.Matrix, statistics.Covariance()), curve[kept], 1e-5);
    }

    [Fact]
    public void Fewer_units_never_lose_less_and_all_of_them_lose_nothing()
    {
        using var model = TwoLayers();
        var curve = RemovalCurve.Of(Reader(model, "w3", Statistics(model)), [.. Enumerable.Range(0, Neurons)], 1e-6);
        Assert.Equal(0, curve[Neurons]);
        Assert.Equal(1, curve[0], 1e-9);
        Assert.All(curve.Zip(curve.Skip(1)), pair => Assert.True(pair.Second <= pair.First));
    }

    [Fact]
    public void Without_statistics_the_norms_of_the_columns_count()
    {
        using var model = TwoLayers();
        var reader = Reader(model, "w3", statistics: null);
        var curve = RemovalCurve.Of(reader, [.. Enumerable.Range(0, Neurons)], 0);
        var last = Enumerable.Range(0, Outputs).Sum(row => Math.Pow(reader.Matrix[(row * Neurons) + Neurons - 1], 2));
        Assert.Equal(last / reader.Matrix.Sum(weight => (double)weight * weight), curve[Neurons - 1], 1e-9);
    }

    [Fact]
    public void The_budget_is_taken_where_it_costs_least()
    {
        // Half of the first layer's neurons do nothing, none of the second's.
        int[] dead = [0, 1, 2, 3, 4, 5, 6, 7];
        using var model = TwoLayers(dead);
        var report = StructuredPruner.Prune(model, new StructuredOptions
        {
            Budget = new StructuredBudget(BudgetUnit.Units, 0.75), Align = 1, Widths = WidthRule.OutputError,
        }, Statistics(model));
        var kept = report.Classes.Where(entry => entry.Units == Neurons && entry.Reason is null).Select(entry => entry.Kept.Count).ToList();
        Assert.Equal([8, 16], kept);
        Assert.Equal(Enumerable.Range(8, 8), report.Classes.First(entry => entry.Reason is null).Kept);
    }

    [Theory]
    [InlineData(BudgetUnit.Macs)]
    [InlineData(BudgetUnit.Bytes)]
    [InlineData(BudgetUnit.Units)]
    public void A_budget_by_error_is_met_and_hardly_undercut(BudgetUnit unit)
    {
        using var model = TwoLayers();
        var report = StructuredPruner.Prune(model, new StructuredOptions
        {
            Budget = new StructuredBudget(unit, 0.5), Align = 1, Widths = WidthRule.OutputError,
        }, Statistics(model));
        var units = report.Classes.Where(entry => entry.Reason is null).Sum(entry => entry.Kept.Count) / (2.0 * Neurons);
        var left = unit == BudgetUnit.Units ? units : report.Macs.After / (double)report.Macs.Before;
        Assert.InRange(left, 0.5 - (2.0 / Neurons), 0.5);
    }

    private static double Variance(float[] rows, double[] covariance)
    {
        double sum = 0;
        for (var row = 0; row < Outputs; row++)
            for (var a = 0; a < Neurons; a++)
                for (var b = 0; b < Neurons; b++)
                    sum += rows[(row * Neurons) + a] * covariance[(a * Neurons) + b] * rows[(row * Neurons) + b];
        return sum;
    }

    private static UnitSite Reader(OnnxModel model, string weight, CalibrationStatistics? statistics)
    {
        var sites = WeightSites.Find(model);
        var found = DimensionClosure.Analyze(model).First(entry => entry.Consumers.Any(node => node.Input.Contains(weight)));
        return CoupledUnits.Of(model, found, sites, statistics).Consumers.Single();
    }

    private static CalibrationStatistics Statistics(OnnxModel model) =>
        TestModels.Calibrate(model, [.. Enumerable.Range(0, 2).Select(seed => TestModels.Batch("x", TestModels.Correlated(seed + 3, 256, Inputs), 256, Inputs))]);

    /// <summary>Two hidden layers of 16 neurons; the dead ones of the first are read by nothing.</summary>
    private static OnnxModel TwoLayers(params int[] dead)
    {
        var w2 = TestModels.Random(3, Neurons * Neurons);
        foreach (var neuron in dead)
            w2.AsSpan(neuron * Neurons, Neurons).Clear();
        return TestModels.Model(
            [TestModels.Node("MatMul", ["x", "w1"], "a"), TestModels.Node("Tanh", ["a"], "u"), TestModels.Node("MatMul", ["u", "w2"], "h"),
                TestModels.Node("Tanh", ["h"], "v"), TestModels.Node("MatMul", ["v", "w3"], "y")],
            [("x", [-1, Inputs])], ["y"],
            [("w1", [Inputs, Neurons], TestModels.Random(1, Inputs * Neurons)), ("w2", [Neurons, Neurons], w2),
                ("w3", [Neurons, Outputs], TestModels.Random(4, Neurons * Outputs))]);
    }
}
