using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Structured;
using PruneBuild.Compression.Training;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Dimensions;

namespace PruneBuild.Compression.Tests.Structured;

public sealed class StructuredPrunerTests
{
    private const int Inputs = 12;
    private const int Neurons = 24;
    private const int Outputs = 6;
    private const int Rows = 256;

    public static TheoryData<string> Criteria => [.. UnitCriteria.Names];

    [Theory]
    [MemberData(nameof(Criteria))]
    public void A_neuron_without_any_weight_goes_first_whatever_the_criterion(string criterion)
    {
        using var model = Mlp(dead: [3, 17]);
        var sites = WeightSites.Find(model);
        var gradients = GradientCollector.Collect(model, sites, Batches(), 1, CancellationToken.None);
        var units = CoupledUnits.Of(model, Hidden(model), sites, Statistics(model), gradients);
        var scores = UnitCriteria.Get(criterion).Score(units)!;
        // Data may never wake another neuron either; none is below the empty ones.
        Assert.Equal(scores.Min(), scores[3]);
        Assert.Equal(scores.Min(), scores[17]);
        Assert.True(scores.Order().ElementAt(Neurons / 2) > scores[3]);
    }

    [Fact]
    public void Widths_are_rounded_up_to_the_multiple_and_everything_is_reported()
    {
        using var model = Mlp();
        var report = StructuredPruner.Prune(model, new StructuredOptions { Budget = new StructuredBudget(BudgetUnit.Units, 0.5) });
        // Half of 24 is 12; the next multiple of 8 is 16.
        Assert.Equal(16, report.Classes.Single(entry => entry.Reason is null).Kept.Count);
        Assert.Equal([16, Outputs], model.Weights["w2"].Shape);
        Assert.Equal((Neurons * (Inputs + Outputs), 16 * (Inputs + Outputs)), report.Macs);
        Assert.Equal(8, Assert.Single(report.Readers).RemovedInputs);
    }

    [Theory]
    [InlineData(BudgetUnit.Macs, 0.6)]
    [InlineData(BudgetUnit.Bytes, 0.4)]
    public void A_budget_is_met_and_hardly_undercut(BudgetUnit unit, double remaining)
    {
        using var model = Mlp();
        var report = StructuredPruner.Prune(model, new StructuredOptions { Budget = new StructuredBudget(unit, remaining), Align = 1 });
        var left = report.Macs.After / (double)report.Macs.Before;
        Assert.InRange(left, remaining - (1.0 / Neurons), remaining);
    }

    [Fact]
    public void A_constant_neuron_is_removed_without_a_trace_once_its_mean_is_in_the_bias()
    {
        // A neuron of bias alone: its magnitude is large, its variance zero, as is that of another one that no input wakes.
        using var model = Mlp(constant: 5);
        var data = TestModels.Correlated(9, 32, Inputs);
        var dense = TestModels.Run(model, "x", data, [32, Inputs], "y");
        var options = new StructuredOptions
        {
            Budget = new StructuredBudget(BudgetUnit.Units, (Neurons - 2) / (double)Neurons), Align = 1, Criterion = new Fluctuation(), Recovery = RecoveryMethod.Bias,
        };
        var report = StructuredPruner.Prune(model, options, Statistics(model));
        Assert.DoesNotContain(5, report.Classes.Single(entry => entry.Reason is null).Kept);
        var pruned = TestModels.Run(model, "x", data, [32, Inputs], "y");
        Assert.All(dense.Zip(pruned), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Fact]
    public void Each_recovery_is_at_least_as_good_as_the_one_before_and_the_model_computes_it()
    {
        var data = TestModels.Correlated(9, 64, Inputs);
        var errors = new List<double>();
        foreach (var recovery in Enum.GetValues<RecoveryMethod>())
        {
            using var model = Mlp();
            var statistics = Statistics(model);
            var dense = TestModels.Run(model, "x", data, [64, Inputs], "y");
            var options = new StructuredOptions { Budget = new StructuredBudget(BudgetUnit.Units, 0.5), Align = 1, Recovery = recovery };
            var report = StructuredPruner.Prune(model, options, statistics);
            Assert.Equal(recovery, Assert.Single(report.Readers).Recovery);
            var pruned = TestModels.Run(model, "x", data, [64, Inputs], "y");
            errors.Add(dense.Zip(pruned, (a, b) => Math.Pow(a - b, 2)).Sum());
        }
        Assert.True(errors[1] < errors[0], string.Join(" ", errors));
        Assert.True(errors[2] <= errors[1] * 1.02, string.Join(" ", errors));
        Assert.True(errors[3] < errors[2] * 0.9, string.Join(" ", errors));
    }

    [Fact]
    public void A_sorted_model_computes_the_same_and_its_prefix_is_the_pruned_one()
    {
        using var sorted = Mlp();
        using var sliced = Mlp();
        var data = TestModels.Correlated(9, 16, Inputs);
        var dense = TestModels.Run(sorted, "x", data, [16, Inputs], "y");
        var scores = new WeightNorm(1).Score(CoupledUnits.Of(sorted, Hidden(sorted), WeightSites.Find(sorted), null));
        UnitOrdering.Sort(sorted, Hidden(sorted), scores);
        Assert.All(dense.Zip(TestModels.Run(sorted, "x", data, [16, Inputs], "y")), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));

        DimensionEdit.Select(sorted, Hidden(sorted), [.. Enumerable.Range(0, 10)]);
        DimensionEdit.Select(sliced, Hidden(sliced), [.. UnitOrdering.Descending(scores).Take(10)]);
        Assert.Equal(sliced.Weights["w2"].ReadSingles(), sorted.Weights["w2"].ReadSingles());
    }

    [Fact]
    public void Feature_space_importance_from_statistics_equals_that_of_the_activations()
    {
        using var model = Mlp();
        var scores = new FeatureSpace().Score(CoupledUnits.Of(model, Hidden(model), WeightSites.Find(model), Statistics(model)))!;
        var x = Batches().SelectMany(batch => (float[])batch.Inputs["x"].Data).ToArray();
        var (w1, w2) = (Transposed(model.Weights["w1"].ReadSingles(), Inputs), Transposed(model.Weights["w2"].ReadSingles(), Neurons));
        var bias = model.Weights["b1"].ReadSingles();
        var u = TestModels.Product(x, w1, Inputs).Select((value, index) => Math.Max(0, value + bias[index % Neurons])).ToArray();
        var readers = u.Select(value => (float)value).ToArray();
        var y = TestModels.Product(readers, w2, Neurons);
        for (var neuron = 0; neuron < Neurons; neuron++)
        {
            var own = neuron;
            var made = Math.Sqrt(Enumerable.Range(0, Inputs).Sum(input =>
                Math.Pow(w1[(own * Inputs) + input], 2) * x.Where((_, index) => index % Inputs == input).Sum(value => (double)value * value)));
            var norm = Math.Sqrt(u.Where((_, index) => index % Neurons == own).Sum(value => value * value));
            var read = norm * Math.Sqrt(Enumerable.Range(0, Outputs).Sum(component => Math.Pow(Projection(y, w2, own, component), 2)));
            Assert.Equal(1, scores[neuron] / (made + read), 1e-4);
        }
    }

    [Fact]
    public void Statistics_that_are_missing_and_budgets_out_of_range_are_said()
    {
        using var model = Mlp();
        Assert.Equal("PB3003", Assert.Throws<PruneBuildException>(() => StructuredPruner.Prune(model, new StructuredOptions { Criterion = new Fluctuation() })).Diagnostic.Code);
        Assert.Equal("PB1014", Assert.Throws<PruneBuildException>(
            () => StructuredPruner.Prune(model, new StructuredOptions { Budget = new StructuredBudget(BudgetUnit.Units, 0) })).Diagnostic.Code);
        Assert.Equal("PB3021", Assert.Throws<PruneBuildException>(() => StructuredPruner.Prune(model, new StructuredOptions { Skip = ["w2"] })).Diagnostic.Code);
    }

    /// <summary>|v_kᵀ w_c| φ_k, with the principal components of the centered outputs from libtorch on the raw scatter.</summary>
    private static double Projection(double[] y, float[] w2, int neuron, int component)
    {
        var rows = y.Length / Outputs;
        var means = Enumerable.Range(0, Outputs).Select(output => Enumerable.Range(0, rows).Average(row => y[(row * Outputs) + output])).ToArray();
        var scatter = new double[Outputs * Outputs];
        for (var row = 0; row < rows; row++)
            for (var a = 0; a < Outputs; a++)
                for (var b = 0; b < Outputs; b++)
                    scatter[(a * Outputs) + b] += (y[(row * Outputs) + a] - means[a]) * (y[(row * Outputs) + b] - means[b]);
        using var matrix = TorchSharp.torch.tensor(scatter, [Outputs, Outputs]);
        var (values, vectors) = TorchSharp.torch.linalg.eigh(matrix);
        var spectrum = values.data<double>().ToArray();
        var weighting = 1 / (1 + Math.Exp(-Math.Abs(spectrum[component]) / spectrum.Average(Math.Abs)));
        return weighting * Enumerable.Range(0, Outputs).Sum(output => vectors[output, component].item<double>() * w2[(output * Neurons) + neuron]);
    }

    private static float[] Transposed(float[] stored, int rows)
    {
        var columns = stored.Length / rows;
        return [.. Enumerable.Range(0, stored.Length).Select(index => stored[(index % rows * columns) + (index / rows)])];
    }

    private static DimensionClass Hidden(OnnxModel model) => DimensionClosure.Analyze(model).Single(found => found.Size is Neurons or 10 && found.FrozenReason is null);

    private static List<CalibrationBatch> Batches() =>
        [.. Enumerable.Range(0, 2).Select(seed => TestModels.Batch("x", TestModels.Correlated(seed + 3, Rows, Inputs), Rows, Inputs))];

    private static CalibrationStatistics Statistics(OnnxModel model) => TestModels.Calibrate(model, [.. Batches()]);

    private static OnnxModel Mlp(int[]? dead = null, int constant = -1)
    {
        var (w1, b1, w2) = (TestModels.Random(1, Inputs * Neurons), TestModels.Random(2, Neurons, 0.2), TestModels.Random(3, Neurons * Outputs));
        foreach (var neuron in dead ?? [])
        {
            for (var input = 0; input < Inputs; input++)
                w1[(input * Neurons) + neuron] = 0;
            b1[neuron] = 0;
            w2.AsSpan(neuron * Outputs, Outputs).Clear();
        }
        if (constant >= 0)
        {
            for (var input = 0; input < Inputs; input++)
                w1[(input * Neurons) + constant] = 0;
            b1[constant] = 3;
        }
        return TestModels.Model(
            [TestModels.Node("MatMul", ["x", "w1"], "a"), TestModels.Node("Add", ["a", "b1"], "b"), TestModels.Node("Relu", ["b"], "u"), TestModels.Node("MatMul", ["u", "w2"], "y")],
            [("x", [-1, Inputs])], ["y"],
            [("w1", [Inputs, Neurons], w1), ("b1", [Neurons], b1), ("w2", [Neurons, Outputs], w2)]);
    }
}
