using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers.Performance;

public class PerformanceScorerTests
{
    private static readonly double[] Ten = [20, 3, 6, 8, 7, 10, 8, 13, 16, 15];

    // Wikipedia, "Percentile", nearest-rank method: its examples 1 and 2.
    [Theory]
    [InlineData(new double[] { 15, 20, 35, 40, 50 }, 50, 15)]
    [InlineData(new double[] { 15, 20, 35, 40, 50 }, 300, 20)]
    [InlineData(new double[] { 15, 20, 35, 40, 50 }, 400, 20)]
    [InlineData(new double[] { 15, 20, 35, 40, 50 }, 500, 35)]
    [InlineData(new double[] { 15, 20, 35, 40, 50 }, 1000, 50)]
    [InlineData(new double[] { 3, 6, 7, 8, 8, 10, 13, 15, 16, 20 }, 250, 7)]
    [InlineData(new double[] { 3, 6, 7, 8, 8, 10, 13, 15, 16, 20 }, 500, 8)]
    [InlineData(new double[] { 3, 6, 7, 8, 8, 10, 13, 15, 16, 20 }, 750, 15)]
    public void A_percentile_is_a_number_of_the_sample(double[] sample, int permille, double golden) =>
        Measured.Is(golden, Measured.Sample(new Percentile("p", permille), sample));

    [Theory]
    [InlineData("p50", 8)]
    [InlineData("p90", 16)]
    [InlineData("p99", 20)]
    [InlineData("max", 20)]
    [InlineData("bytes", 106)]
    public void Measured_numbers_are_summed_up_by_name(string name, double golden) =>
        Measured.Is(golden, Measured.Sample(Assert.IsAssignableFrom<ISampleScorer<double>>(ScorerRegistry.Find(name)), Ten));

    [Fact]
    public void The_mean_keeps_a_number_for_every_run() => Measured.Is(10.6, Measured.Mean(new MeasuredMean(), Ten));

    [Fact]
    public void A_size_below_zero_is_no_size() => Measured.IsMissing("below 0", Measured.Sample(new ArtifactBytes(), 5.0, -1.0));
}
