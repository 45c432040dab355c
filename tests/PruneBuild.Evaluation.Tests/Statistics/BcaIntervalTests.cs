using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Tests.Statistics;

public class BcaIntervalTests
{
    // Spatial test "A" of 26 children, statistic Σ(x - mean)²/n = 171.5: Efron and Tibshirani (1993), tables 14.1 and 14.2. Acceleration 0.061;
    // from 2000 resamples the 90 % interval is 115.8 to 259.6, the plain percentiles 100.8 to 233.9.
    private static readonly double[] SpatialTest =
        [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41];

    [Fact]
    public void The_published_acceleration_is_reproduced()
    {
        var leftOut = SpatialTest.Select((_, left) => Variance(SpatialTest.Where((_, index) => index != left))).ToArray();
        Assert.Equal(171.5, Variance(SpatialTest), 0.05);
        Assert.Equal(0.061, BcaInterval.Acceleration(leftOut), 0.0005);
    }

    [Fact]
    public void The_published_interval_is_reproduced()
    {
        var random = new Random(14);
        var replicates = Enumerable.Range(0, 20_000)
            .Select(_ => Variance(SpatialTest.Select(_ => SpatialTest[random.Next(SpatialTest.Length)]))).Order().ToArray();
        Assert.InRange(BcaInterval.LowerBound(Variance(SpatialTest), replicates, 0.061, 0.95), 112, 120);
        Assert.InRange(BcaInterval.LowerBound(Variance(SpatialTest), replicates, 0.061, 0.05), 252, 267);
    }

    [Fact]
    public void Without_bias_and_acceleration_it_is_the_percentile()
    {
        double[] replicates = [.. Enumerable.Range(1, 999).Select(rank => (double)rank)];
        Assert.Equal(50, BcaInterval.LowerBound(500, replicates, 0, 0.95));
        Assert.Equal(950, BcaInterval.LowerBound(500, replicates, 0, 0.05));
    }

    [Fact]
    public void An_estimate_outside_all_replicates_still_has_a_bound() =>
        Assert.Equal(1, BcaInterval.LowerBound(-5, [1, 2, 3], 0, 0.95));

    private static double Variance(IEnumerable<double> values)
    {
        var list = values.ToList();
        var mean = list.Average();
        return list.Average(value => (value - mean) * (value - mean));
    }
}
