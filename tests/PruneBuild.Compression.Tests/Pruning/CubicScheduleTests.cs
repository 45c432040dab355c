using PruneBuild.Compression.Pruning;

namespace PruneBuild.Compression.Tests.Pruning;

public sealed class CubicScheduleTests
{
    [Fact]
    public void Follows_the_formula_of_Zhu_and_Gupta() =>
        Assert.Equal([0.9 * (1 - 0.421875), 0.9 * (1 - 0.125), 0.9 * (1 - 0.015625), 0.9], CubicSchedule.Sparsities(0.9, 4).Select(sparsity => Math.Round(sparsity, 12)).ToArray(),
            (expected, found) => Math.Abs(expected - found) < 1e-9);

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(0.95, 7)]
    [InlineData(0, 3)]
    public void Never_falls_slows_down_and_ends_at_the_target(double final, int steps)
    {
        var schedule = CubicSchedule.Sparsities(final, steps);
        Assert.Equal(steps, schedule.Count);
        Assert.Equal(final, schedule[^1]);
        var rises = schedule.Zip(schedule.Prepend(0), (now, before) => now - before).ToList();
        Assert.All(rises, rise => Assert.True(rise >= 0));
        Assert.All(rises.Zip(rises.Skip(1)), pair => Assert.True(pair.Second <= pair.First));
    }
}
