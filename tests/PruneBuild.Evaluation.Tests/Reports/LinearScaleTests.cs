using CsCheck;
using PruneBuild.Evaluation.Reports;

namespace PruneBuild.Evaluation.Tests.Reports;

public sealed class LinearScaleTests
{
    [Fact]
    public void Ticks_are_round_numbers_inside_the_scale() =>
        Assert.Equal([0.76, 0.78, 0.8, 0.82, 0.84], new LinearScale(0.75, 0.85, 0, 100).Ticks(5).Select(tick => Math.Round(tick, 10)));

    [Fact]
    public void Any_values_have_a_scale_that_keeps_their_order_and_a_bearable_number_of_ticks() =>
        Gen.Double[-1e6, 1e6].Array[1, 8].Sample(values =>
        {
            var scale = LinearScale.Around(values, 0, 500);
            var places = values.Order().Select(scale.At).ToList();
            Assert.Equal(places.Order(), places);
            Assert.All(places, place => Assert.InRange(place, 0, 500));
            Assert.InRange(scale.Ticks(6).Count, 1, 14);
        });

    [Fact]
    public void A_scale_does_not_leave_the_limits_of_its_values()
    {
        var scale = LinearScale.Around([0.999, 1], 0, 100, least: 0, most: 1);
        Assert.Equal(1, scale.High);
        Assert.Equal(100, scale.At(1));
    }
}
