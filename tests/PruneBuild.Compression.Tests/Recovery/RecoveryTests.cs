using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Statistics;
using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Tests.Recovery;

public sealed class RecoveryTests
{
    private const int Features = 24;
    private const int Outputs = 16;
    private static readonly float[] Dense = TestModels.Random(7, Outputs * Features);

    private static InputStatistics StatisticsOf(float[] rows)
    {
        var statistics = new InputStatistics(Features);
        statistics.Add(rows);
        return statistics;
    }

    private static bool[] Mask(string pattern) =>
        SparsityPattern.Parse(pattern).Select(Dense.Select(weight => weight * weight).ToArray(), Outputs, Features, 0.5);

    private static float[] Masked(bool[] keep) => [.. Dense.Select((weight, index) => keep[index] ? weight : 0)];

    private static PrunedLayer Pruned(bool[] keep) => new(Masked(keep), keep);

    private static SiteStatistics Halves(float[] fit, float[] holdOut) => new([StatisticsOf(fit)], [StatisticsOf(holdOut)]);

    [Fact]
    public void The_error_from_statistics_is_the_error_of_the_outputs()
    {
        var rows = TestModels.Correlated(2, 200, Features);
        var edited = Masked(Mask("unstructured"));
        var bias = TestModels.Random(9, Outputs).Select(value => (double)value).ToArray();
        var dense = TestModels.Product(rows, Dense, Features);
        var changed = TestModels.Product(rows, edited, Features);
        var error = dense.Select((value, index) => Math.Pow(value - changed[index] - bias[index % Outputs], 2)).Sum();
        var expected = Math.Sqrt(error / dense.Sum(value => value * value));
        Assert.Equal(expected, OutputError.Relative(Dense, edited, bias, StatisticsOf(rows)), 1e-9);
    }

    [Fact]
    public void The_error_is_the_same_for_any_number_of_threads()
    {
        var dense = TestModels.Random(3, 200 * Features);
        var statistics = StatisticsOf(TestModels.Correlated(2, 100, Features));
        Assert.Equal(
            OutputError.Relative(dense, new float[dense.Length], [], statistics),
            OutputError.Relative(dense, new float[dense.Length], [], statistics, threads: 4));
    }

    [Fact]
    public void Bias_recovery_restores_the_mean_output()
    {
        var rows = TestModels.Correlated(2, 200, Features);
        var edited = Masked(Mask("8x4"));
        var bias = BiasRecovery.Fit(Dense, edited, StatisticsOf(rows).Mean());
        var dense = TestModels.Product(rows, Dense, Features);
        var changed = TestModels.Product(rows, edited, Features);
        for (var output = 0; output < Outputs; output++)
        {
            var difference = Enumerable.Range(0, 200).Average(row => dense[row * Outputs + output] - changed[row * Outputs + output] - bias[output]);
            Assert.Equal(0, difference, 1e-6);
        }
    }

    [Theory]
    [InlineData("unstructured", 1e-3)]
    [InlineData("8x4", 1e-3)]
    [InlineData("2:4", 1e-3)]
    [InlineData("2:4", 1e-9)]
    [InlineData("8x1", 10)]
    public void Training_error_of_least_squares_is_at_most_that_of_bias_and_that_at_most_that_of_none(string pattern, double ridge)
    {
        var statistics = StatisticsOf(TestModels.Correlated(2, 300, Features));
        var keep = Mask(pattern);
        var masked = Masked(keep);
        var fitted = LeastSquaresRecovery.Fit(Dense, keep, statistics, ridge)!;
        var none = OutputError.Relative(Dense, masked, [], statistics);
        var bias = OutputError.Relative(Dense, masked, BiasRecovery.Fit(Dense, masked, statistics.Mean()), statistics);
        var least = OutputError.Relative(Dense, fitted, BiasRecovery.Fit(Dense, fitted, statistics.Mean()), statistics);
        Assert.True(bias < none, $"bias {bias}, none {none}");
        Assert.True(least <= bias, $"least squares {least}, bias {bias}");
    }

    [Fact]
    public void Least_squares_solves_the_normal_equations()
    {
        var statistics = StatisticsOf(TestModels.Correlated(2, 300, Features));
        var keep = Mask("unstructured");
        var fitted = LeastSquaresRecovery.Fit(Dense, keep, statistics, ridge: 0)!;
        var covariance = statistics.Covariance();
        // The residual of every output is uncorrelated with every kept input.
        for (var output = 0; output < Outputs; output++)
        {
            for (var input = 0; input < Features; input++)
            {
                if (!keep[output * Features + input])
                    continue;
                var residual = Enumerable.Range(0, Features).Sum(other =>
                    covariance[input * Features + other] * ((double)Dense[output * Features + other] - fitted[output * Features + other]));
                Assert.Equal(0, residual, 1e-6);
            }
        }
    }

    [Fact]
    public void Zeros_of_the_mask_are_exact_after_least_squares()
    {
        var keep = Mask("8x4");
        var fitted = LeastSquaresRecovery.Fit(Dense, keep, StatisticsOf(TestModels.Correlated(2, 300, Features)))!;
        Assert.All(Enumerable.Range(0, fitted.Length), index => Assert.Equal(keep[index], fitted[index] != 0));
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit_of_least_squares()
    {
        var statistics = StatisticsOf(TestModels.Correlated(2, 300, Features));
        var keep = Mask("unstructured");
        Assert.Equal(LeastSquaresRecovery.Fit(Dense, keep, statistics, threads: 1), LeastSquaresRecovery.Fit(Dense, keep, statistics, threads: 4));
    }

    [Fact]
    public void Constant_inputs_leave_the_weights_and_the_bias_takes_everything()
    {
        var rows = Enumerable.Repeat(2f, 10 * Features).ToArray();
        var keep = Mask("8x4");
        Assert.Equal(Masked(keep), LeastSquaresRecovery.Fit(Dense, keep, StatisticsOf(rows)));
        Assert.Equal(0, LayerRecovery.Recover(Dense, Pruned(keep), Halves(rows, rows), RecoveryMethod.Bias, 1e-3, 1, CancellationToken.None).ErrorRecovered, 1e-6);
    }

    [Fact]
    public void Least_squares_is_used_when_held_out_data_agrees()
    {
        var layer = LayerRecovery.Recover(
            Dense, Pruned(Mask("8x4")), Halves(TestModels.Correlated(2, 400, Features), TestModels.Correlated(3, 400, Features)),
            RecoveryMethod.LeastSquares, 1e-3, 1, CancellationToken.None);
        Assert.Equal(RecoveryMethod.LeastSquares, layer.Used);
        Assert.Null(layer.Reason);
        Assert.True(layer.ErrorRecovered < layer.ErrorPruned / 2);
    }

    [Fact]
    public void Bias_replaces_least_squares_that_does_worse_on_held_out_data()
    {
        // Far fewer rows than features: the fit follows noise that the held-out rows do not share.
        var keep = Mask("8x4");
        var layer = LayerRecovery.Recover(
            Dense, Pruned(keep), Halves(TestModels.Random(2, 3 * Features, 5), TestModels.Random(3, 200 * Features)),
            RecoveryMethod.LeastSquares, 1e-9, 1, CancellationToken.None);
        Assert.Equal(RecoveryMethod.Bias, layer.Used);
        Assert.Contains("held-out", layer.Reason, StringComparison.Ordinal);
        Assert.Equal(Masked(keep), layer.Weights);
    }

    [Fact]
    public void Least_squares_without_held_out_data_is_not_trusted()
    {
        var statistics = new SiteStatistics([StatisticsOf(TestModels.Correlated(2, 50, Features))], [new InputStatistics(Features)]);
        var layer = LayerRecovery.Recover(Dense, Pruned(Mask("8x4")), statistics, RecoveryMethod.LeastSquares, 1e-3, 1, CancellationToken.None);
        Assert.Equal(RecoveryMethod.Bias, layer.Used);
        Assert.NotNull(layer.Reason);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("bias")]
    [InlineData("linear")]
    [InlineData("least-squares")]
    public void A_method_reads_back_as_its_name(string name) => Assert.Equal(name, RecoveryMethods.Parse(name).Name());

    [Fact]
    public void An_unknown_method_is_a_coded_error() =>
        Assert.Equal("PB1012", Assert.Throws<PruneBuildException>(() => RecoveryMethods.Parse("lora")).Code);
}
