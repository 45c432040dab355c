using PruneBuild.Compression.Drift;

namespace PruneBuild.Compression.Tests.Drift;

public sealed class LogitComparisonTests
{
    [Fact]
    public void The_divergence_of_two_coins_is_the_closed_form()
    {
        // Fair against 1/4: ½ ln 2 + ½ ln ⅔, and what is added to all logits of a row changes nothing.
        var comparison = new LogitComparison();
        comparison.AddLogits([5, 5, 1, 1], [(float)Math.Log(0.25), (float)Math.Log(0.75), 7, 7], 2);
        var drift = comparison.Finish();
        Assert.Equal(((0.5 * Math.Log(2)) + (0.5 * Math.Log(2.0 / 3))) / 2, drift.Kl!.Value, 1e-6);
        Assert.Equal((2, 0.5), (drift.Rows, drift.Top1));
        Assert.Equal(5 - Math.Log(0.25), drift.LargestChange, 1e-5);
    }

    [Fact]
    public void Percentiles_are_the_nearest_ranks()
    {
        // Row r moves one of two equal logits by r / 100; the divergence rises with it.
        var comparison = new LogitComparison();
        static double Divergence(double by) => -Math.Log(2) + Math.Log(1 + Math.Exp(by)) - (by / 2);
        for (var row = 1; row <= 100; row++)
            comparison.AddLogits([0, 0], [row / 100f, 0], 2);
        var drift = comparison.Finish();
        Assert.Equal(Divergence(0.95), drift.Kl95!.Value, 1e-7);
        Assert.Equal(Divergence(0.99), drift.Kl99!.Value, 1e-7);
        Assert.Equal(Enumerable.Range(1, 100).Average(row => Divergence(row / 100.0)), drift.Kl!.Value, 1e-7);
    }

    [Fact]
    public void Equal_logits_have_no_drift_masked_ones_included()
    {
        var comparison = new LogitComparison();
        float[] row = [1, float.NegativeInfinity, 3];
        comparison.AddLogits(row, row, 3);
        var drift = comparison.Finish();
        Assert.Equal((0.0, 0.0, 0.0, 1.0), (drift.Kl, drift.RelativeError, drift.LargestChange, drift.Top1));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_logit_that_is_not_finite_is_infinitely_far_and_agrees_with_nothing(float bad)
    {
        var comparison = new LogitComparison();
        comparison.AddLogits([3, 2], [bad, 2], 2, _ => 0);
        var drift = comparison.Finish();
        Assert.Equal((double.PositiveInfinity, double.PositiveInfinity, 0.0), (drift.Kl, drift.RelativeError, drift.Top1));
        Assert.False(double.IsNaN(drift.Labels!.Loss));
    }

    [Fact]
    public void Flips_count_both_ways_and_rows_without_a_label_do_not_count()
    {
        var comparison = new LogitComparison();
        // Right and right, lost, won, wrong and wrong, no label.
        long[] labels = [0, 0, 0, 0, -1];
        comparison.AddLogits([2, 1, 2, 1, 1, 2, 1, 2, 1, 2], [2, 1, 1, 2, 2, 1, 1, 2, 2, 1], 2, row => labels[row]);
        var found = comparison.Finish().Labels!;
        Assert.Equal((4, 0.5, 0.5, 0.25, 0.25), (found.Rows, found.ParentRight, found.Right, found.Lost, found.Won));
        Assert.Equal(Math.Log(1 + Math.Exp(1)) - 0.5, found.ParentLoss, 1e-9);
        Assert.Equal(found.ParentLoss, found.Loss, 1e-9);
    }

    [Fact]
    public void The_relative_error_is_that_of_all_numbers_together()
    {
        var comparison = new LogitComparison();
        comparison.AddValues([3, 0], [3, 1], 2);
        comparison.AddValues([4, 0], [4, 0.5f], 2);
        var drift = comparison.Finish();
        Assert.Equal(Math.Sqrt(1.25 / 25), drift.RelativeError, 1e-12);
        Assert.Null(drift.Kl);
        Assert.Equal(1, drift.LargestChange);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new LogitComparison().AddValues(new float[4], new float[6], 2));
        Assert.Throws<ArgumentException>(() => new LogitComparison().AddLogits(new float[3], new float[3], 2));
        Assert.Throws<ArgumentException>(() => new LogitComparison().AddLogits(new float[2], new float[2], 2, _ => 2));
    }
}
