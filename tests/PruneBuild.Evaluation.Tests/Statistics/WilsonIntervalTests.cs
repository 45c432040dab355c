using CsCheck;
using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Tests.Statistics;

public class WilsonIntervalTests
{
    // Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3: lower ends of the two-sided 95 % intervals.
    [Theory]
    [InlineData(81, 263, 0.2553)]
    [InlineData(15, 148, 0.0624)]
    [InlineData(0, 20, 0.0000)]
    [InlineData(1, 29, 0.0061)]
    public void It_agrees_with_Newcombes_table(int successes, int cases, double lower) =>
        Assert.Equal(lower, WilsonInterval.LowerBound(successes, cases, 0.975), 4);

    [Theory]
    [InlineData(81, 263, 0.3662)]
    [InlineData(15, 148, 0.1605)]
    [InlineData(0, 20, 0.1611)]
    [InlineData(1, 29, 0.1718)]
    public void Its_upper_end_agrees_with_Newcombes_table(int successes, int cases, double upper) =>
        Assert.Equal(upper, WilsonInterval.UpperBound(successes, cases, 0.975), 4);

    [Fact]
    public void It_solves_the_score_equation() =>
        Gen.Select(Gen.Int[1, 500], Gen.Double[0.01, 0.99], Gen.Double[0.51, 0.999]).Sample((cases, share, confidence) =>
        {
            var successes = Math.Max(1, (int)(share * cases));
            var bound = WilsonInterval.LowerBound(successes, cases, confidence);
            var z = (successes - cases * bound) / Math.Sqrt(cases * bound * (1 - bound));
            Assert.Equal(MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, confidence), z, tolerance: 1e-6);
        });
}
