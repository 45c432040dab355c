namespace PruneBuild.Evaluation.Tests.Gating;

/// <summary>How often continuous scores let a candidate through that is exactly as bad as the margin, by simulation.</summary>
public class ContinuousCalibrationTests
{
    private const double Margin = 0.05;
    private const string Floor = """{ "dimension": "accuracy", "slice": "common", "maxDrop": 0.05 }""";

    [Theory]
    [InlineData(50)]
    [InlineData(100)]
    [InlineData(200)]
    [InlineData(400)]
    public void Independent_scores_pass_at_most_one_time_in_twenty(int n) =>
        AssertRare(PassRate(n, clusterSize: 1, trials: 1500, asMetric: false), 1500);

    // Five cases a cluster: 50 cases are 10 clusters and resampled, the others get the t interval.
    [Theory]
    [InlineData(50)]
    [InlineData(100)]
    [InlineData(200)]
    [InlineData(400)]
    public void Dependent_scores_pass_at_most_one_time_in_twenty(int n) =>
        AssertRare(PassRate(n, clusterSize: 5, trials: 500, asMetric: false), 500);

    [Theory]
    [InlineData(50, 300)]
    [InlineData(100, 150)]
    [InlineData(200, 75)]
    [InlineData(400, 50)]
    public void A_resampled_metric_passes_at_most_one_time_in_twenty(int n, int trials) =>
        AssertRare(PassRate(n, clusterSize: 1, trials, asMetric: true), trials);

    // One case in nine loses much, the others nothing: the data on which a plain t interval lets 9 % through at n = 100.
    [Theory]
    [InlineData(50, false)]
    [InlineData(100, false)]
    [InlineData(200, false)]
    [InlineData(400, false)]
    [InlineData(100, true)]
    public void Rare_large_losses_pass_at_most_one_time_in_twenty(int n, bool asMetric)
    {
        var trials = asMetric ? 150 : 2000;
        AssertRare(PassRate(n, trials, asMetric, (random, _) => random.NextDouble() < 1.0 / 9 ? 0.3 + random.NextDouble() * 0.3 : 0), trials);
    }

    [Fact]
    public void Treating_dependent_scores_as_independent_would_pass_far_more() =>
        Assert.InRange(PassRate(200, clusterSize: 5, trials: 1000, asMetric: false, hideClusters: true), 0.12, 0.5);

    private static void AssertRare(double passes, int trials)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{passes:P1} of {trials} pass");
        Assert.True(passes <= 0.05 + 3 * Math.Sqrt(0.05 * 0.95 / trials), $"{passes:P1} pass");
    }

    private static double PassRate(int n, int clusterSize, int trials, bool asMetric, bool hideClusters = false)
    {
        var shared = 0.0;
        // Uniform, so that scores stay between 0 and 1; the mean drop is the margin.
        return PassRate(n, trials, asMetric, (random, index) =>
        {
            if (index % clusterSize == 0) shared = clusterSize == 1 ? 0 : (random.NextDouble() - 0.5) * 0.3;
            return Margin + shared + (random.NextDouble() - 0.5) * 0.3;
        }, index => clusterSize == 1 || hideClusters ? null : $"k{index / clusterSize}");
    }

    private static double PassRate(int n, int trials, bool asMetric, Func<Random, int, double> loss, Func<int, string?>? cluster = null)
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.CreateClustered(folder, Floor, [.. Enumerable.Range(0, n).Select(index => ("common", cluster?.Invoke(index)))]);
        var random = new Random(23);
        var passes = 0;
        for (var trial = 0; trial < trials; trial++)
        {
            double[] parent = [.. Enumerable.Range(0, n).Select(_ => 0.6 + random.NextDouble() * 0.2)];
            double[] candidate = [.. parent.Select((score, index) => score - loss(random, index))];
            var scores = new MeanMeasurement(Dimension.Accuracy, parent, candidate);
            Measurement measured = asMetric ? new MetricMeasurement(Dimension.Accuracy, scores.Parent, scores.Candidate) : scores;
            if (Gate.Judge(harness, cases, [measured], "linux-x64")[0].Result == CheckResult.Pass) passes++;
        }
        return (double)passes / trials;
    }
}
