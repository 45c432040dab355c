using CsCheck;
using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Tests.Statistics;

public class RetentionIntervalTests
{
    // Fagerland, Lydersen and Laake, Statistics in Medicine 33 (2014) 2850-2875, Tang's score interval of the ratio: a=1, b=7, c=1.
    [Fact]
    public void It_agrees_with_the_published_interval()
    {
        Assert.Equal(0.065, RetentionInterval.LowerBound(1, 7, 1, 0.975), 3);
        Assert.Equal(0.907, 1 / RetentionInterval.LowerBound(1, 1, 7, 0.975), 3);
    }

    [Fact]
    public void At_full_retention_the_score_is_that_of_McNemar() =>
        Gen.Select(Gen.Int[0, 500], Gen.Int[0, 50], Gen.Int[1, 50]).Sample((a, b, c) =>
            Assert.Equal((c - b) / Math.Sqrt(b + c), RetentionInterval.Score(a, b, c, 1), tolerance: 1e-9));

    // With b = c = 0 the equation solves to a / (a + z²).
    [Fact]
    public void Without_discordance_a_few_cases_still_prove_little() =>
        Assert.Equal(100 / (100 + 1.6448536269514722 * 1.6448536269514722), RetentionInterval.LowerBound(100, 0, 0, 0.95), tolerance: 1e-9);

    [Fact]
    public void The_score_uses_the_likeliest_shares_under_the_hypothesis() =>
        Gen.Select(Gen.Int[1, 200], Gen.Int[1, 40], Gen.Int[1, 40], Gen.Double[0.5, 0.99]).Sample((a, b, c, r) =>
        {
            // A naive search over the one free share finds the same maximum: with x = candidate-only, the constraint fixes the rest.
            double informative = a + b + c;
            double LogLikelihood(double x) => a * Math.Log(r * informative - (1 + r) * x) + c * Math.Log(x) + b * Math.Log((1 - r) * informative + r * x);
            var (low, high) = (1e-9, r * informative / (1 + r) - 1e-9);
            for (var i = 0; i < 200; i++)
            {
                var (left, right) = (low + (high - low) / 3, high - (high - low) / 3);
                if (LogLikelihood(left) < LogLikelihood(right)) low = left;
                else high = right;
            }
            var likeliest = (low + high) / 2;
            var variance = r * (likeliest + (1 - r) * informative + r * likeliest);
            Assert.Equal((a + c - r * (a + b)) / Math.Sqrt(variance), RetentionInterval.Score(a, b, c, r), tolerance: 1e-5);
        });
}
