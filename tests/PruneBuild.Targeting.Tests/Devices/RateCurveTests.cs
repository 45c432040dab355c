using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

public sealed class RateCurveTests
{
    private static readonly RateCurve Curve = new([new(0.5, 100), new(0.75, 200), new(0.9, 400)], "estimated: for the test");

    [Fact]
    public void It_passes_through_its_points() =>
        Assert.All(Curve.Points, point => Assert.Equal(point.WeightsPerSecond, Curve.At(point.Sparsity), 9));

    [Fact]
    public void Between_points_the_time_is_linear_in_the_sparsity() =>
        Assert.Equal((1 / 100.0 + 1 / 200.0) / 2, 1 / Curve.At(0.625), 12);

    [Fact]
    public void Below_the_first_point_the_time_is_proportional_to_the_density() => Assert.Equal(50, Curve.At(0), 9);

    [Fact]
    public void Above_the_last_point_it_gains_nothing() => Assert.Equal(400, Curve.At(1));
}
