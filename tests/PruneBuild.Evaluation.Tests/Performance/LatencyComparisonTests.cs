using PruneBuild.Evaluation.Performance;

namespace PruneBuild.Evaluation.Tests.Performance;

public class LatencyComparisonTests
{
    [Fact]
    public void Sessions_take_turns_as_ABBA_after_the_warm_up()
    {
        var clock = new SyntheticClock();
        var order = "";
        Measure(clock, () => { order += "A"; clock.Advance(1); }, () => { order += "B"; clock.Advance(1); }, new LatencyOptions { WarmUp = 2, Blocks = 2 });
        Assert.Equal("ABAB" + "ABBA" + "ABBA", order);
    }

    [Fact]
    public void Steady_times_give_their_exact_ratio()
    {
        var clock = new SyntheticClock();
        var result = Measure(clock, () => clock.Advance(0.010), () => clock.Advance(0.004), new LatencyOptions { Blocks = 10 });
        Assert.Equal((0.4, 0.4, 0.4), (result.Ratio, result.RatioLower, result.RatioUpper));
        Assert.Equal((20, 0.010, 0.010, 0.0), (result.Parent.Iterations, result.Parent.MedianSeconds, result.Parent.P99Seconds, result.Parent.Spread));
        Assert.True(result.IsStable);
    }

    [Fact]
    public void The_warm_up_is_not_counted()
    {
        var clock = new SyntheticClock();
        var runs = 0;
        var result = Measure(clock, () => clock.Advance(runs++ < 5 ? 9 : 1), () => clock.Advance(1), new LatencyOptions { WarmUp = 5, Blocks = 3 });
        Assert.Equal((6, 1.0, 1.0), (result.Parent.Iterations, result.Parent.MedianSeconds, result.Parent.P99Seconds));
    }

    [Fact]
    public void A_machine_that_slows_down_steadily_does_not_move_the_ratio()
    {
        var clock = new SyntheticClock();
        var slowness = 1.0;
        void Run(double seconds) => clock.Advance(seconds * (slowness += 0.0002));
        var result = Measure(clock, () => Run(0.002), () => Run(0.001), new LatencyOptions { Blocks = 100 });
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
        var result = Measure(clock, () => clock.Advance(++runs % 3 + 1), () => clock.Advance(1), new LatencyOptions { Blocks = 30, WarmUp = 0 });
        Assert.False(result.IsStable);
        // Pairs of 2, 3, 1 in turn differ by 0.4, 0.667 and -1 of their mean: (0.667 + 1) / 1.349 / √2.
        Assert.Equal("times on the same input spread by 87.4 % (parent) and 0.0 % (candidate), more than 10 %", result.Instability);
    }

    [Fact]
    public void Inputs_of_different_length_are_no_noise()
    {
        double Seconds(int block) => 1 + block % 7;
        var (parent, candidate) = InterleavedRuns.Measure(Seconds, block => Seconds(block) / 2, new LatencyOptions { Seconds = 1e9 });
        var result = LatencyComparison.Of(parent, candidate, new LatencyOptions());
        Assert.Equal((true, 0.5, 0.0), (result.IsStable, result.Ratio, result.Parent.Spread));
    }

    [Fact]
    public void A_slow_model_ends_the_measurement_early_and_a_fast_one_is_warmed_up_for_longer()
    {
        var runs = 0;
        Assert.Equal(20, InterleavedRuns.Measure(_ => 10, _ => 10, new LatencyOptions { Blocks = 50 }).Parent.Length);
        InterleavedRuns.Measure(_ => ++runs * 0, _ => 0, new LatencyOptions { Blocks = 2, WarmUp = 5 });
        Assert.Equal(100 + 4, runs);
    }

    [Fact]
    public void A_few_interruptions_are_no_instability()
    {
        var clock = new SyntheticClock();
        var runs = 0;
        var result = Measure(clock, () => clock.Advance(++runs % 20 == 0 ? 0.1 : 0.001), () => clock.Advance(0.001), new LatencyOptions { Blocks = 50 });
        Assert.True(result.IsStable);
        Assert.Equal((1.0, 0.1), (result.Ratio, result.Parent.P99Seconds));
    }

    [Fact]
    public void Times_below_the_clocks_step_are_no_measurement()
    {
        var result = Measure(new SyntheticClock(), () => { }, () => { }, new LatencyOptions { Blocks = 4 });
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

    private static LatencyComparison Measure(SyntheticClock clock, Action parent, Action candidate, LatencyOptions options)
    {
        double Timed(Action run)
        {
            var start = clock.GetTimestamp();
            run();
            return clock.GetElapsedTime(start).TotalSeconds;
        }

        var unhurried = options with { Seconds = 1e9, WarmUpSeconds = 0 };
        var (before, after) = InterleavedRuns.Measure(_ => Timed(parent), _ => Timed(candidate), unhurried);
        return LatencyComparison.Of(before, after, unhurried);
    }
}
