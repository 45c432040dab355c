using CsCheck;
using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Tests.Statistics;

public class TangoIntervalTests
{
    // Both ends of two-sided intervals for (c-b)/n. Rows: Fagerland, Lydersen and Laake, Statistics in Medicine 33 (2014) 2850-2875
    // (airway hyper-responsiveness); Agresti and Min, ibid. 24 (2005) 729-740; R package PropCIs, scoreci.mp(25, 28, 618) at 90 %.
    [Theory]
    [InlineData(7, 1, 21, 0.975, -0.517, -0.026, 3)]
    [InlineData(8, 16, 86, 0.975, -0.020, 0.207, 3)]
    [InlineData(25, 28, 618, 0.95, -0.0148, 0.0247, 4)]
    public void It_agrees_with_published_intervals(int b, int c, int n, double confidence, double lower, double upper, int digits)
    {
        Assert.Equal(lower, TangoInterval.LowerBound(b, c, n, confidence), digits);
        Assert.Equal(upper, -TangoInterval.LowerBound(c, b, n, confidence), digits);
    }

    [Theory]
    [InlineData(30, -0.083)]
    [InlineData(60, -0.043)]
    [InlineData(100, -0.026)]
    [InlineData(300, -0.009)]
    public void Without_discordance_a_few_cases_still_prove_little(int n, double lower) =>
        Assert.Equal(lower, TangoInterval.LowerBound(0, 0, n, 0.95), 3);

    [Fact]
    public void At_no_difference_the_score_is_that_of_McNemar() =>
        Gen.Select(Gen.Int[0, 50], Gen.Int[1, 50]).Sample((b, c) =>
            Assert.Equal((c - b) / Math.Sqrt(b + c), TangoInterval.Score(b, c, 200, 0), tolerance: 1e-9));

    [Fact]
    public void The_bound_is_below_the_estimate_and_falls_with_confidence() =>
        Gen.Select(Gen.Int[0, 60], Gen.Int[0, 60], Gen.Int[0, 300], Gen.Double[0.5, 0.99]).Sample((b, c, concordant, confidence) =>
        {
            var n = b + c + concordant + 1;
            var bound = TangoInterval.LowerBound(b, c, n, confidence);
            Assert.InRange(bound, -1, (double)(c - b) / n);
            Assert.True(TangoInterval.LowerBound(b, c, n, confidence + 0.009) <= bound);
        });

    [Fact]
    public void Losing_every_case_is_a_difference_of_minus_one() => Assert.Equal(-1, TangoInterval.LowerBound(9, 0, 9, 0.95), 9);
}
