using PruneBuild.Compression.Drift;

namespace PruneBuild.Compression.Tests.Drift;

public sealed class HiddenComparisonTests
{
    [Fact]
    public void The_cosine_is_the_mean_of_the_rows_and_the_error_that_of_all()
    {
        // 0, 45 and 90 degrees; a row that is zero in both has no direction.
        var drift = Compare([1, 0, 2, 0, 3, 0, 0, 0], [2, 0, 1, 1, 0, 3, 0, 0], 2);
        Assert.Equal((1 + Math.Sqrt(0.5) + 0) / 3, drift.Cosine!.Value, 1e-12);
        Assert.Equal(Math.Sqrt((1 + 2 + 18) / 14.0), drift.RelativeError!.Value, 1e-12);
        Assert.Equal((3.0, 0), (drift.Largest, drift.NonFinite));
    }

    [Fact]
    public void Scale_changes_the_error_and_not_the_direction()
    {
        var drift = Compare([1, 2, 3, 4], [1.5f, 3, 4.5f, 6], 4);
        Assert.Equal(1, drift.Cosine!.Value, 1e-12);
        Assert.Equal(0.5, drift.RelativeError!.Value, 1e-12);
    }

    [Fact]
    public void A_number_that_is_not_finite_is_counted_and_has_no_direction()
    {
        var drift = Compare([1, 2, 1, 2], [float.NaN, 70000, 1, 2], 2);
        Assert.Equal((0.5, double.PositiveInfinity, 70000.0, 1L), (drift.Cosine, drift.RelativeError, drift.Largest, drift.NonFinite));
        Assert.False(new ModelDrift(new LogitDrift(0, 0, 0), [drift]).FitsHalf);
    }

    [Fact]
    public void A_row_that_became_zero_has_lost_its_direction() => Assert.Equal(0, Compare([1, 2], [0, 0], 2).Cosine);

    private static BlockDrift Compare(float[] parent, float[] edited, int features)
    {
        var comparison = new HiddenComparison();
        comparison.Add(parent, edited, features);
        return comparison.Finish("h");
    }
}
