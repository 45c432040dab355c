using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Tests.Statistics;

public class PairedBootstrapTests
{
    private static readonly double[] Values = [.. Enumerable.Range(0, 60).Select(index => Math.Sin(index * 1.7))];

    [Fact]
    public void The_same_cases_give_the_same_bound() =>
        Assert.Equal(PairedBootstrap.Of(Alone(60), Mean).LowerBound(0.95), PairedBootstrap.Of(Alone(60), Mean).LowerBound(0.95));

    [Fact]
    public void Of_a_mean_of_many_cases_it_is_near_the_t_interval()
    {
        var contributions = ClusterRobustTInterval.Contributions(Values.Select(value => new[] { value }), Values.Average(), Values.Length);
        var error = ClusterRobustTInterval.StandardError(contributions);
        var expected = ClusterRobustTInterval.LowerBound(Values.Average(), contributions, 0.95);
        Assert.Equal(expected, PairedBootstrap.Of(Alone(60), Mean).LowerBound(0.95), 0.1 * error);
    }

    [Fact]
    public void Cases_of_a_cluster_are_drawn_together()
    {
        // Ten cases six times over: the spread is that of ten cases, √6 times that of sixty.
        int[][] clusters = [.. Enumerable.Range(0, 10).Select(cluster => Enumerable.Range(0, 6).Select(copy => cluster).ToArray())];
        double Width(IReadOnlyList<int[]> units) => PairedBootstrap.Of(units, Mean) is var sample ? sample.Estimate - sample.LowerBound(0.95) : 0;
        Assert.Equal(Width(Alone(10)), Width(clusters), 1e-9);
    }

    [Fact]
    public void A_statistic_that_never_varies_says_so()
    {
        Assert.True(PairedBootstrap.Of(Alone(30), cases => cases.Length / 30).IsConstant);
        Assert.False(PairedBootstrap.Of(Alone(60), Mean).IsConstant);
    }

    [Fact]
    public void Resamples_without_a_value_count_as_the_lowest()
    {
        var bound = PairedBootstrap.Of(Alone(3), cases => cases.Contains(0) ? 1 : double.NaN).LowerBound(0.95);
        Assert.Equal(double.NegativeInfinity, bound);
    }

    // Without the correction of Hesterberg (2015) the width would be that of the normal distribution and of n instead of n - 1: 17 % less.
    [Fact]
    public void Ten_cases_give_the_width_of_the_t_interval()
    {
        double[] symmetric = [-4.5, -3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 4.5];
        double MeanOf(ReadOnlySpan<int> cases)
        {
            var sum = 0.0;
            foreach (var index in cases) sum += symmetric[index];
            return sum / cases.Length;
        }
        var contributions = ClusterRobustTInterval.Contributions(symmetric.Select(value => new[] { value }), 0, 10);
        var width = -ClusterRobustTInterval.LowerBound(0, contributions, 0.95);
        Assert.Equal(width, -PairedBootstrap.Of(Alone(10), MeanOf, 20_000).LowerBound(0.95), 0.06 * width);
    }

    private static int[][] Alone(int count) => [.. Enumerable.Range(0, count).Select(index => new[] { index })];

    private static double Mean(ReadOnlySpan<int> cases)
    {
        var sum = 0.0;
        foreach (var index in cases) sum += Values[index];
        return sum / cases.Length;
    }
}
