using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Tests.Statistics;

public class SampleSizeTests
{
    // (1.6449 + 0.8416)² = 6.1826 times discordance over margin squared.
    [Theory]
    [InlineData(0.06, 0.02, 928)]
    [InlineData(0.06, 0.05, 149)]
    [InlineData(0.10, 0.05, 248)]
    public void The_rule_of_thumb_is_reproduced(double discordance, double margin, long cases) =>
        Assert.Equal(cases, SampleSize.ForMean(discordance, margin, 0.95));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 1000)]
    [InlineData(999, 1000)]
    [InlineData(1000, 1000)]
    public void The_smallest_sample_is_found(long from, long limit) => Assert.Equal(limit, SampleSize.Smallest(from, n => n >= limit));

    [Fact]
    public void A_rule_that_never_holds_has_no_sample() => Assert.Null(SampleSize.Smallest(1, _ => false));

    // 2.4865 √(0.06 / 600) = 0.0249, and with z = 1.6449 + 1.2816 for a power of 0.9 it is 0.0293.
    [Theory]
    [InlineData(0.8, 0.0249)]
    [InlineData(0.9, 0.0293)]
    public void What_a_sample_resolves_is_the_distance_that_needs_it(double power, double distance)
    {
        var resolved = SampleSize.Resolvable(0.06, 600, 0.95, power);
        Assert.Equal(distance, resolved, 4);
        Assert.InRange(SampleSize.ForMean(0.06, resolved, 0.95, power), 600, 601);
    }
}
