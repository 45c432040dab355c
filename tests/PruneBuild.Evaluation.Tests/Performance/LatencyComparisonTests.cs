using PruneBuild.Evaluation.Performance;

namespace PruneBuild.Evaluation.Tests.Performance;

public class LatencyComparisonTests
{
    [Fact]
    public void Sessions_take_turns_as_ABBA_after_the_warm_up()
    {
        var clock = new SyntheticClock();
        var order = "";
        LatencyComparison.Measure(() => { order += "A"; clock.Advance(1); }, () => { order += "B"; clock.Advance(1); }, new LatencyOptions { WarmUp = 2, Blocks = 2 }, clock);
        Assert.Equal("ABAB" + "ABBA" + "ABBA", order);
    }

    [Fact]
    public void Steady_times_give_their_exact_ratio()
    {
        var clock = new SyntheticClock();
        var result = LatencyComparison.Measure(() => clock.Advance(0.010), () => clock.Advance(0.004), new LatencyOptions { Blocks = 10 }, clock);
        Assert.Equal((0.4, 0.4, 0.4), (result.Ratio, result.RatioLower, result.RatioUpper));
        Assert.Equal((20, 0.010, 0.010, 0.0), (result.Parent.Iterations, result.Parent.MedianSeconds, result.Parent.P99Seconds, result.Parent.Spread));
        Assert.True(result.IsStable);
    }

    [Fact]
    public void The_warm_up_is_not_counted()
    {
        var clock = new SyntheticClock();
        var runs = 0;
        var result = LatencyComparison.Measure(() => clock.Advance(runs++ < 5 ? 9 : 1), () => clock.Advance(1), new LatencyOptions { WarmUp = 5, Blocks = 3 }, clock);
        Assert.All(result.ParentSeconds, seconds => Assert.Equal(1, seconds));
    }

    [Fact]
    public void A_machine_that_slows_down_steadily_does_not_move_the_ratio()
    {
        var clock = new SyntheticClock();
        var slowness = 1.0;
        void Run(double seconds) => clock.Advance(seconds * (slowness += 0.0002));
        var result = LatencyComparison.Measure(() => Run(0.002), () => Run(0.001), new LatencyOptions { Blocks = 100 }, clock);
        Assert.InRange(result.Ratio, 0.499, 0.501);
        Assert.InRange(result.RatioUpper - result.RatioLower, 0, 0.01);
    }

    [Fact]
    public void The_interval_covers_the_true_ratio_as_often_as_it_says()
    {
        // 200 measurements of noisy sessions with the ratio 0.8: the lower bound of 95 % is above it in about 10 of them.
        var (above, below) = (0, 0);
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            double Noise() => 1 + (0.05 * (random.NextDouble() + random.NextDouble() - 1));
            double[] parent = [.. Enumerable.Range(0, 60).Select(_ => Noise())];
            double[] candidate = [.. Enumerable.Range(0, 60).Select(_ => 0.8 * Noise())];
            var result = LatencyComparison.Of(parent, candidate, new LatencyOptions());
            if (result.RatioLower > 0.8) above++;
            if (result.RatioUpper < 0.8) below++;
            Assert.True(result.IsStable);
        }
        Assert.InRange(above, 1, 24);
        Assert.InRange(below, 1, 24);
    }

    [Fact]
    public void A_noisy_machine_decides_nothing_and_says_by_how_much()
    {
        var clock = new SyntheticClock();
        var runs = 0;
        var result = LatencyComparison.Measure(() => clock.Advance(++runs % 3 + 1), () => clock.Advance(1), new LatencyOptions { Blocks = 30, WarmUp = 0 }, clock);
        Assert.False(result.IsStable);
        Assert.Matches(@"^the times spread by 74\.1 % \(parent\) and 0\.0 % \(candidate\) of their median, more than 10 %$", result.Instability!);
    }

    [Fact]
    public void A_few_interruptions_are_no_instability()
    {
        var clock = new SyntheticClock();
        var runs = 0;
        var result = LatencyComparison.Measure(() => clock.Advance(++runs % 20 == 0 ? 0.1 : 0.001), () => clock.Advance(0.001), new LatencyOptions { Blocks = 50 }, clock);
        Assert.True(result.IsStable);
        Assert.Equal((1.0, 0.1), (result.Ratio, result.Parent.P99Seconds));
    }

    [Fact]
    public void Times_below_the_clocks_step_are_no_measurement()
    {
        var result = LatencyComparison.Measure(() => { }, () => { }, new LatencyOptions { Blocks = 4 }, new SyntheticClock());
        Assert.Equal("an inference took no time that the clock could tell", result.Instability);
    }

    [Fact]
    public void The_same_times_give_the_same_bounds()
    {
        var random = new Random(3);
        double[] parent = [.. Enumerable.Range(0, 40).Select(_ => random.NextDouble() + 1)];
        double[] candidate = [.. Enumerable.Range(0, 40).Select(_ => random.NextDouble() + 1)];
        var (first, second) = (LatencyComparison.Of(parent, candidate, new LatencyOptions()), LatencyComparison.Of(parent, candidate, new LatencyOptions()));
        Assert.Equal((first.RatioLower, first.RatioUpper), (second.RatioLower, second.RatioUpper));
    }
}
